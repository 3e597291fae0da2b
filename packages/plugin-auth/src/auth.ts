import {
  Clock,
  definePlugin,
  Identity,
  Log,
  replies,
  service,
  type Plugin,
  type Reply,
  type Session,
  type Verb,
} from '@maitred/core';
import { attempt, ranOut, refused, unavailable, type Attempt } from './attempt.ts';
import { longestLine, noBase64 } from './dialogue.ts';
import { FailedAttempts, Submitter } from './keys.ts';
import { everyday } from './mechanisms/everyday.ts';
import { offering, type MechanismList } from './offering.ts';
import { decodeBase64 } from './sasl/base64.ts';
import { Auth } from './stages.ts';
import { submitter } from './submitter.ts';
import { UserDirectory } from './tokens.ts';

/** What AUTH stands on; durations in milliseconds. */
export interface AuthOptions {
  /** Left out where another plugin, or the application, registers `UserDirectory`. */
  readonly directory?: UserDirectory;
  /** In the order that clients read them. Default: `everyday()`, of which those are offered that the directory can serve. */
  readonly mechanisms?: MechanismList;
  /** Offers AUTH without TLS, to all or to some: for loopback and tests. A warning is logged at start. Default: false. */
  readonly withoutTls?: boolean | ((session: Session) => boolean);
  /** Attempts of one connection; the last that fails ends it: 421 4.7.0. At least 3 (RFC 4954 9). Default: 5. */
  readonly attempts?: number;
  /** How much later refused credentials are answered, by how many attempts have failed. Default: 1 s, doubled up to 10 s. */
  readonly delay?: (failed: number) => number;
  /** What a client has for its part of an exchange, all of its lines together. Then 421 4.4.2. Default: 60,000. */
  readonly time?: number;
  /** Whether an authenticated client may tell who submitted a message: MAIL's AUTH parameter. Default: none may. */
  readonly trustsSubmitter?: (session: Session) => boolean;
}

/**
 * AUTH (RFC 4954, SASL: RFC 4422). Offered over TLS, before authentication. Who succeeds has core's `Identity` from the
 * next command on, if no ring said otherwise.
 *
 * Throws a RangeError for fewer than three attempts, and for mechanisms of one name or of a name that none may have; a
 * TypeError for a directory that is still a promise, and for an option that there isn't.
 */
export function auth({
  directory,
  mechanisms = everyday(),
  withoutTls = false,
  attempts = 5,
  delay = (failed) => Math.min(1000 * 2 ** (failed - 1), 10_000),
  time = 60_000,
  trustsSubmitter,
  ...others
}: AuthOptions = {}): Plugin {
  // Who misspells `mechanisms` must not get every one.
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`auth has no option ${unknown}`);
  // Of a promise no mechanism can be served, and AUTH would silently not be offered.
  if (directory && 'then' in directory) throw new TypeError('directory is a promise: await memoryDirectory(…)');
  if (!(attempts >= 3)) throw new RangeError(`a client has at least 3 attempts to authenticate, not ${attempts}`);
  const offered = offering(mechanisms, withoutTls);

  const handle = async (verb: Verb): Promise<Reply> => {
    const given = parseArguments(verb.args);
    if (!given) return badArguments;
    const usable = offered(verb);
    const mechanism = usable.find(({ name }) => name === given.mechanism);
    if (!mechanism) return unrecognized;
    if (given.initial !== undefined && mechanism.serverFirst) return serverIsFirst;
    const initial = given.initial === undefined || given.initial === '=' ? '' : given.initial;
    const response = decodeBase64(initial);
    if (!response) return noBase64;
    const number = (verb.get(FailedAttempts) ?? 0) + 1;
    if (number > attempts) return tooMany;
    // Noted before it's known: who leaves in the middle has made it all the same.
    verb.set(FailedAttempts, number);
    const made = attempt({
      verb,
      directory: verb.inject(UserDirectory),
      mechanism,
      offered: new Set(usable.map(({ name }) => name)),
      number,
      initial: given.initial === undefined ? undefined : response,
      time,
    });
    const reply = await verb.run(Auth, { attempt: made });
    if (reply.code < 300 && made.identity !== undefined) return admit(verb, made, made.identity, reply);
    // A 2xx that a middleware made up proves nothing; a directory that doesn't answer is out of order.
    const answer = reply.code < 300 ? refused : ranOut(made) ? unavailable : reply;
    if (answer.code === refused.code) await verb.inject(Clock).sleep(delay(number), verb.signal);
    return number < attempts ? answer : tooMany;
  };

  return definePlugin({
    name: 'auth',
    requires: [UserDirectory],
    provides: [Auth, Identity, FailedAttempts, Submitter],
    services: directory ? [service({ token: UserDirectory, create: () => directory })] : [],
    extensions: {
      AUTH: {
        when: (session) => session.get(Identity) === undefined && offered(session).length > 0,
        args: (session) => offered(session).map(({ name }) => name),
      },
    },
    parameters: { MAIL: { AUTH: submitter(trustsSubmitter) } },
    verbs: {
      AUTH: {
        endsGroup: true,
        secret: true,
        octets: longestLine - 512,
        // Not tied to the keyword by `extension`: where it isn't offered it is known all the same, and 500 would be untrue.
        when: (session) =>
          session.get(Identity) || session.transaction || session.protocol !== 'ESMTP'
            ? replies.badSequence
            : undefined,
        handle,
      },
    },
    setup: ({ inject }) => {
      if (withoutTls) inject(Log).warn({}, 'auth is offered without TLS: passwords can be read on their way');
    },
  });
}

const badArguments = replies.of(501, '5.5.4', 'AUTH takes a mechanism and perhaps an initial response');
const unrecognized = replies.of(504, '5.5.4', 'This mechanism is not offered here');
const serverIsFirst = replies.of(501, '5.7.0', 'This mechanism has no initial response');
const tooMany = replies.closing(replies.of(421, '4.7.0', 'Too many failed attempts to authenticate'));

function parseArguments(
  args: string,
): { readonly mechanism: string; readonly initial: string | undefined } | undefined {
  const [mechanism = '', initial, ...more] = args.split(' ');
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(mechanism) || initial === '' || more.length > 0) return undefined;
  return { mechanism: mechanism.toUpperCase(), initial };
}

/** Nothing is true before the outermost ring has let the reply pass. */
function admit(verb: Verb, { mechanism, number }: Attempt, id: string, reply: Reply): Reply {
  verb.after(() => {
    verb.set(Identity, { id, by: mechanism });
    verb.set(FailedAttempts, number - 1);
  });
  return reply;
}
