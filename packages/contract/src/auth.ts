import {
  definePlugin,
  Identity,
  key,
  replies,
  stage,
  token,
  type Key,
  type Plugin,
  type Reply,
  type Session,
  type Stage,
  type Token,
  type Verb,
} from '@maitred/core';

/** What hooks of `Auth` are handed: whom the client proved to be, before it is true. */
export interface AuthContext extends Session {
  readonly mechanism: string;
  readonly claimed: string;
  readonly attempt: number;
}

/** Asked once the credentials are right; anything but a 2xx leaves the client anonymous. */
export const Auth: Stage<AuthContext> = stage('auth', () => replies.of(235, '2.7.0', 'Welcome'));

/** Who may log in with what. */
export interface Passwords {
  right(id: string, password: string): Promise<boolean>;
}

/** The passwords behind AUTH. */
export const Passwords: Token<Passwords> = token('passwords');

const Attempts: Key<number, 'session'> = key('auth:attempts', 'session');

/** The longest line of the exchange (RFC 4954 4), with its CRLF. */
const longest = 12_288;

/** AUTH (RFC 4954) with PLAIN and LOGIN; `offered`: to whom, besides whoever has not logged in. */
export function auth({ offered = () => true }: { readonly offered?: (session: Session) => boolean } = {}): Plugin {
  return definePlugin({
    name: 'auth',
    requires: [Passwords],
    provides: [Auth, Identity, Attempts],
    extensions: {
      AUTH: { when: (session) => !session.get(Identity) && offered(session), args: () => ['PLAIN', 'LOGIN'] },
    },
    verbs: {
      AUTH: {
        extension: 'AUTH',
        endsGroup: true,
        secret: true,
        octets: longest - 512,
        when: (session) => (session.get(Identity) || session.transaction ? replies.badSequence : undefined),
        handle: exchange,
      },
    },
  });
}

async function exchange(verb: Verb): Promise<Reply> {
  const [mechanism = '', initial] = verb.args.split(' ');
  const ask = mechanisms.get(mechanism.toUpperCase());
  if (!ask) return replies.of(504, '5.5.4', 'Unknown mechanism');
  const attempt = (verb.get(Attempts) ?? 0) + 1;
  verb.set(Attempts, attempt);
  const credentials = await ask(verb, initial);
  if (!credentials) return replies.of(501, '5.7.0', 'Cancelled, or no base64');
  const [claimed, password] = credentials;
  if (!(await verb.inject(Passwords).right(claimed, password))) return replies.of(535, '5.7.8', 'Not accepted');
  const verdict = await verb.run(Auth, { mechanism: mechanism.toUpperCase(), claimed, attempt });
  verb.after(() => verb.set(Identity, { id: claimed, by: mechanism.toUpperCase() }));
  return verdict;
}

type Credentials = readonly [id: string, password: string];

const mechanisms = new Map<string, (verb: Verb, initial: string | undefined) => Promise<Credentials | undefined>>([
  ['PLAIN', plain],
  ['LOGIN', login],
]);

/** RFC 4616; undefined when the client cancelled or made no sense. */
async function plain(verb: Verb, initial: string | undefined): Promise<Credentials | undefined> {
  const [, id, password] = ((await response(verb, '', initial)) ?? '').split('\0');
  return id === undefined || password === undefined ? undefined : [id, password];
}

async function login(verb: Verb, initial: string | undefined): Promise<Credentials | undefined> {
  const id = await response(verb, 'Username:', initial);
  const password = id === undefined ? undefined : await response(verb, 'Password:', undefined);
  return id === undefined || password === undefined ? undefined : [id, password];
}

async function response(verb: Verb, challenge: string, initial: string | undefined): Promise<string | undefined> {
  let line = initial;
  if (line === undefined) {
    await verb.prompt(replies.of(334, undefined, Buffer.from(challenge).toString('base64')));
    line = await verb.readLine({ limit: longest });
  }
  return /^(?:=|[A-Za-z0-9+/]*={0,2})$/.test(line) ? Buffer.from(line, 'base64').toString() : undefined;
}
