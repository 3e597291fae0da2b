import { failure } from './failure.ts';
import { runStage } from './compose.ts';
import type { Connection } from './connection.ts';
import { Fault } from './errors.ts';
import type { Provisional } from './greeting.ts';
import { Internationalized } from './key.ts';
import type { Owned, ParameterTable } from './registry.ts';
import { isReply, positive, replies } from './replies.ts';
import { core, Scope, type Subject } from './scope.ts';
import { attempt, chain, type Awaitable } from './awaitable.ts';
import { RecipientState, TransactionState } from './state.ts';
import { View } from './view.ts';
import { parseParameters } from './wire/parameters.ts';
import type { Path } from './wire/path.ts';
import type { Reply } from './wire/reply.ts';

const refused = (reply: Reply): Provisional => ({ reply });

/** MAIL: a transaction to be, its parameters parsed, `mail` run on it. */
export function begin(c: Connection, sender: Path, parameters: string): Awaitable<Provisional> {
  if (c.transactions >= c.house.limits.messages) {
    return refused(replies.closing(replies.of(421, '4.7.0', 'Too many messages in this session')));
  }
  const transaction = new TransactionState(`${c.id}.${c.transactions + 1}`, sender);
  const fault = takeParameters(c, 'MAIL', parameters, { transaction }) ?? asciiOnly(sender, transaction);
  if (fault) return refused(fault);
  const adopt = (): void => {
    c.transactions += 1;
    c.session.transaction = transaction;
  };
  const drop = (): void => transaction.end('MAIL was refused');
  return chain(runStage(c, 'mail', { transaction }, senderOk), (reply) => ({ reply, adopt, drop }));
}

/** RCPT: a recipient to be, its parameters parsed, `rcpt` run; the innermost layer asks who claims it. */
export function addRecipient(
  c: Connection,
  transaction: TransactionState,
  to: Path,
  parameters: string,
): Awaitable<Provisional> {
  if (transaction.recipients.length >= c.house.limits.recipients) {
    return refused(replies.of(452, '4.5.3', 'Too many recipients'));
  }
  const recipient = new RecipientState(to);
  const subject = { transaction, recipient };
  const fault = takeParameters(c, 'RCPT', parameters, subject) ?? asciiOnly(to, transaction);
  if (fault) return refused(fault);
  const claimed = runStage(c, 'rcpt', subject, (scope) => claim(c, scope, recipient, 0));
  return chain(claimed, (reply) => {
    if (recipient.claimedBy === undefined) {
      return refused(positive(reply) ? failure(c, new Fault('UNCLAIMED', ['the rcpt stage']), core, 'rcpt') : reply);
    }
    return { reply, adopt: () => void transaction.recipients.push(recipient) };
  });
}

const senderOk = Object.freeze(replies.of(250, '2.1.0', 'Sender OK'));

/** Fail closed: a recipient that nobody claims is refused, the same for every address. */
function claim(c: Connection, scope: Scope, recipient: RecipientState, from: number): Awaitable<Reply> {
  const acceptor = c.house.registry.acceptors[from];
  if (!acceptor) return c.house.catalogue.noAcceptor(new View(scope, core));
  const { owner, it } = acceptor;
  const failed = (error: unknown): Reply => failure(c, error, owner, 'rcpt');
  const answered = (reply: Reply | undefined): Awaitable<Reply> => {
    if (reply === undefined) return claim(c, scope, recipient, from + 1);
    if (!isReply(reply)) return failed(new Fault('NO_REPLY', [owner.name, 'accepts']));
    if (positive(reply)) recipient.claimedBy = owner.name;
    return reply;
  };
  scope.owner = owner;
  return attempt(() => chain(it.claim(new View(scope, owner)), answered), failed);
}

/** Non-ASCII mailboxes pass only where somebody said that they may (RFC 6531 3.4). */
function asciiOnly(path: Path, transaction: TransactionState): Reply | undefined {
  if (path.ascii || transaction.values.get(Internationalized) === true) return undefined;
  return replies.of(553, '5.6.7', 'Non-ASCII address not permitted here');
}

/** Values of the parameters, under their keys; or the reply to the first that is wrong. */
function takeParameters(c: Connection, verb: 'MAIL' | 'RCPT', text: string, subject: Subject): Reply | undefined {
  if (text === '') return undefined;
  const given = parseParameters(text);
  if (given === 'syntax') return replies.badSyntax;
  const seen = new Set<string>();
  for (const { keyword, value } of given) {
    if (seen.has(keyword)) return replies.of(501, '5.5.4', `${keyword} given twice`);
    seen.add(keyword);
    const entry = lookUp(c.house.registry.parameters[verb], keyword, value);
    const offered = entry?.it.extension === undefined || c.session.offered.has(entry.it.extension.toUpperCase());
    if (!entry || !offered) {
      if (c.house.ignoredParameters[verb].includes(keyword)) continue;
      return replies.of(555, '5.5.4', `${keyword} not recognized or not implemented`);
    }
    const view = new View(new Scope(c, verb === 'MAIL' ? 'mail' : 'rcpt', subject), entry.owner);
    try {
      const parsed = entry.it.parse(value, view) as unknown;
      if (isReply(parsed)) return parsed;
      view.set(entry.it.key, parsed);
    } catch (error) {
      return failure(c, error, entry.owner, verb);
    }
  }
  return undefined;
}

type Entry = ParameterTable extends ReadonlyMap<string, Owned<infer P>> ? Owned<P> : never;

/** `KEYWORD=VALUE` has an owner of its own, or else `KEYWORD` has. A keyword that only has values: 501, not 555. */
function lookUp(table: ParameterTable, keyword: string, value: string | undefined): Entry | undefined {
  // Letter by letter: the upper case of some characters beyond ASCII (the dotless i) is an ASCII letter.
  const upper = (value ?? '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return table.get(`${keyword}=${upper}`) ?? table.get(keyword);
}
