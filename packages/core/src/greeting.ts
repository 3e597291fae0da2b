import { runStage } from './compose.ts';
import type { Facts, Session } from './context.ts';
import type { Connection } from './connection.ts';
import { SmtpError } from './errors.ts';
import { atOnce, failure } from './failure.ts';
import { replies } from './replies.ts';
import { core, Scope } from './scope.ts';
import { chain, type Awaitable } from './awaitable.ts';
import { SessionState } from './state.ts';
import { View } from './view.ts';
import type { Reply } from './wire/reply.ts';

/** A reply, and what becomes true if the outermost ring lets it pass; without `adopt` no ring may say yes to it. */
export interface Provisional {
  readonly reply: Reply;
  readonly adopt?: () => void;
  /** It never became true. */
  readonly drop?: () => void;
}

/** Runs `connect` on a session: the reply is the greeting. */
export function greet(c: Connection, session: SessionState): Awaitable<Reply> {
  return runStage(c, 'connect', { session }, (scope) => c.house.catalogue.greeting(new View(scope, core)));
}

/** HELO, EHLO, LHLO: runs `helo` on a session to be; its innermost layer says what is offered (RFC 5321 4.1.1.1). */
export function advertise(c: Connection, name: string, extended: boolean): Awaitable<Provisional> {
  const session = c.session.fork();
  session.helo = name;
  session.protocol = extended ? 'ESMTP' : 'SMTP';
  const offer = (scope: Scope): Reply => {
    const lines = extended ? offered(c, scope) : [];
    session.offered = keywordsOf(lines);
    return replies.of(250, undefined, c.house.hostname, ...lines);
  };
  const adopt = (): void => {
    c.session.drop('a new greeting');
    session.values = session.values.merge();
    c.session = session;
  };
  return chain(runStage(c, 'helo', { session }, offer), (reply) => ({ reply, adopt }));
}

/** XCLIENT: a session on other facts, its proofs gone; the reply is a new greeting. */
export async function restart(
  c: Connection,
  facts: Partial<Facts>,
  seed: ((fresh: Session) => void) | undefined,
  asWhom: Scope['owner'],
): Promise<Provisional> {
  const session = new SessionState({ remote: c.session.remote, local: c.session.local, ...facts }, c.session.tls);
  seed?.(new View(new Scope(c, 'connect', { session }), asWhom ?? core));
  const adopt = (): void => {
    c.session.drop('a restart');
    c.session = session;
  };
  return { reply: await greet(c, session), adopt };
}

/** The lines of EHLO's reply after the first: each keyword that is offered now, with its arguments. */
export function offered(c: Connection, scope: Scope): string[] {
  const lines: string[] = [];
  for (const [keyword, { owner, it }] of c.house.registry.extensions) {
    const view = new View(scope, owner) as unknown as Session;
    try {
      const when = it.when ? atOnce(it.when(view), owner, keyword) : true;
      if (when) lines.push([keyword, ...atOnce(it.args?.(view) ?? [], owner, keyword)].join(' '));
    } catch (cause) {
      throw new SmtpError(failure(c, cause, owner, keyword), { cause });
    }
  }
  return lines;
}

let last: { readonly lines: string; readonly keywords: ReadonlySet<string> } = { lines: '', keywords: new Set() };

/** Nearly every session is offered what the one before was: they share one set. */
function keywordsOf(lines: readonly string[]): ReadonlySet<string> {
  const joined = lines.join('\n');
  if (joined !== last.lines) {
    last = { lines: joined, keywords: new Set(lines.map((line) => line.replace(/ .*/, ''))) };
  }
  return last.keywords;
}
