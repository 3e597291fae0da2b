import { Log, replies, SmtpError, type Reply, type Verb } from '@maitred/core';
import { Dialogue } from './dialogue.ts';
import type { Exchange, Mechanism, Outcome } from './mechanism.ts';
import { prepare } from './sasl/prepare.ts';
import { scrubbed } from './scrub.ts';
import type { UserDirectory } from './tokens.ts';

/** One attempt to authenticate, as far as it has come. */
export interface Attempt {
  /** The mechanism's name. */
  readonly mechanism: string;
  /** 1 for the connection's first. */
  readonly number: number;
  /** Who the client claims to be: not proven, and unknown before it said so. */
  readonly claimed: string | undefined;
  /** Who it proved to be, and may act as. */
  readonly identity: string | undefined;
}

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly verb: Verb;
  readonly directory: UserDirectory;
  readonly mechanism: Mechanism;
  readonly offered: ReadonlySet<string>;
  readonly number: number;
  /** The initial response, if one came. */
  readonly initial: Buffer | undefined;
  /** Milliseconds that the client has for its part. */
  readonly time: number;
}

/** The credentials are wrong, whatever is wrong with them. */
export const refused: Reply = replies.of(535, '5.7.8', 'Authentication credentials invalid');
/** Nobody can say now whether they are. */
export const unavailable: Reply = replies.of(454, '4.7.0', 'Temporary authentication failure');
const welcome = replies.of(235, '2.7.0', 'Authentication successful');

/** Not for those who hook the stage: an exchange runs once, innermost. */
const exchanges = new WeakMap<Attempt, (signal: AbortSignal) => Promise<Reply>>();
const signals = new WeakMap<Attempt, AbortSignal>();

/** An attempt that is about to be made. */
export function attempt({ verb, mechanism, number, ...rest }: AttemptOptions): Attempt {
  const made: State = { mechanism: mechanism.name, number, claimed: undefined, identity: undefined };
  exchanges.set(made, (signal) => run(made, { verb, mechanism, number, ...rest }, signal));
  return made;
}

/** Makes the attempt. Rejects when the exchange broke off. */
export async function perform(of: Attempt, signal: AbortSignal): Promise<Reply> {
  const exchange = exchanges.get(of);
  exchanges.delete(of);
  signals.set(of, signal);
  return exchange ? exchange(signal) : unavailable;
}

/** Whether its time was over before it was. */
export function ranOut(of: Attempt): boolean {
  return signals.get(of)?.aborted === true;
}

interface State extends Attempt {
  claimed: string | undefined;
  identity: string | undefined;
}

async function run(state: State, options: AttemptOptions, signal: AbortSignal): Promise<Reply> {
  const { verb, mechanism, directory, offered } = options;
  const dialogue = new Dialogue(verb, options.initial, options.time);
  const exchange: Exchange = {
    session: verb,
    directory,
    offered,
    signal,
    ask: (challenge) => dialogue.ask(challenge),
    claims: (user) => void (state.claimed = prepare(user)),
  };
  let outcome: Outcome;
  try {
    outcome = await mechanism.authenticate(exchange);
    if (typeof outcome === 'object') state.identity = await authorize(outcome, directory, signal);
  } catch (error) {
    outcome = 'refused';
    if (!dialogue.broken) {
      if (error instanceof SmtpError) throw error;
      // What a directory says of its failure may quote the password it was asked about.
      if (!signal.aborted) log(verb, mechanism, scrubbed(error, dialogue.heard));
      return unavailable;
    }
  }
  // Whatever the mechanism made of it: an exchange that broke off proves nothing.
  if (dialogue.broken) {
    state.identity = undefined;
    throw dialogue.broken.by;
  }
  if (outcome === 'malformed') throw new SmtpError(malformed(mechanism));
  return state.identity === undefined ? refused : welcome;
}

/** Who the client is from now on; undefined when it may not act as whom it asked for. */
async function authorize(
  { identity, actAs }: Exclude<Outcome, string>,
  directory: UserDirectory,
  signal: AbortSignal,
): Promise<string | undefined> {
  // A directory of plain JavaScript may say false, null, or true: that is nobody.
  if (typeof identity !== 'string' || identity === '') return undefined;
  if (actAs === undefined || actAs === identity) return identity;
  const other = prepare(actAs);
  if (other === undefined || other === identity) return other;
  return (await directory.mayActAs?.(identity, other, signal)) ? other : undefined;
}

function log(verb: Verb, { name }: Mechanism, err: Error): void {
  verb.inject(Log).error({ id: verb.id, mechanism: name, err }, 'authentication could not be decided');
}

function malformed({ name }: Mechanism): Reply {
  return replies.of(501, '5.5.2', `That is no message of ${name}`);
}
