import type { Connection } from './connection.ts';
import { Fault, SmtpError } from './errors.ts';
import { isReply } from './replies.ts';
import type { Owner } from './scope.ts';
import { attempt, isPending } from './awaitable.ts';
import type { Reply } from './wire/reply.ts';

/** The client is gone, `cause` says why if that is news: unwinds a handler that waits for it. Nobody is there to be answered. */
export class Gone extends Error {}

/**
 * What an error is worth to the client: an `SmtpError` is its own reply; of anything else the log is told, and the client
 * nothing but that it may try again.
 */
export function failure(c: Connection, error: unknown, owner: Owner, stage: string): Reply {
  const { reply, name } = (error ?? {}) as { readonly reply?: unknown; readonly name?: unknown };
  // By name, because core may be installed twice; what only looks like one may carry a text that is nobody's to read.
  if ((error instanceof SmtpError || name === 'SmtpError') && isReply(reply)) return reply;
  // Whatever was waiting for a client that left has been interrupted; one that is still there is owed an account.
  const interrupted = c.lost !== undefined && (error === c.lost || name === 'AbortError');
  const gone = error instanceof Gone || interrupted;
  const fields = { id: c.id, plugin: owner.name, stage, err: error };
  if (!gone) c.house.log.error(fields, `${owner.name} failed in ${stage}`);
  // Any stranger can make a handshake fail: worth a note, but no alarm.
  else if (error instanceof Gone && error.cause !== undefined)
    c.house.log.info({ ...fields, err: error.cause }, error.message);
  return c.house.catalogue.unavailable();
}

/**
 * Tells a plugin something that nobody waits for: what it throws is logged, and what it rejects with, if it's asynchronous
 * after all.
 */
export function tell(c: Connection, owner: Owner, stage: string, what: () => unknown): void {
  void attempt(what, (error) => failure(c, error, owner, stage));
}

/** What a plugin gave where nobody waits. A promise, as plain JavaScript may give, is a fault: it would count as a yes. */
export function atOnce<T>(given: T, owner: Owner, at: string): T {
  if (!isPending(given)) return given;
  given.then(undefined, () => {});
  throw new Fault('NOT_AT_ONCE', [owner.name, at]);
}
