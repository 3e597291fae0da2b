import { Fault } from './errors.ts';
import { atOnce, failure } from './failure.ts';
import type { Connection } from './connection.ts';
import { Internationalized } from './key.ts';
import { channels } from './observe.ts';
import { isShaped } from './replies.ts';
import { Scope } from './scope.ts';
import { View } from './view.ts';
import { encodeReply, type Reply } from './wire/reply.ts';

/** A reply as it goes onto the wire: each of its parts through every `format`, then encoded. */
export function spoken(c: Connection, reply: Reply, at: string, utf8: boolean): string {
  const parts = reply.parts?.map((part) => formatted(c, part, at));
  const text = parts ? { ...reply, parts } : formatted(c, reply, at);
  if (channels.reply.hasSubscribers) channels.reply.publish({ id: c.id, at, reply: text });
  return encodeReply(text, utf8);
}

function formatted(c: Connection, reply: Reply, at: string): Reply {
  let text = reply;
  for (const { owner, it } of c.house.registry.formats) {
    try {
      const given = atOnce(it(text, new View(new Scope(c, 'format'), owner), at), owner, 'format');
      if (!isShaped(given)) throw new Fault('NO_REPLY', [owner.name, 'format']);
      text = given;
    } catch (error) {
      failure(c, error, owner, 'format');
    }
  }
  return text;
}

/** Replies may hold UTF-8 once the client has shown that it reads it (RFC 6531 3.7.4). */
export function readsUtf8(c: Connection): boolean {
  return c.session.transaction?.values.get(Internationalized) === true;
}
