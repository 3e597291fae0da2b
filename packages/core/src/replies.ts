import type { Command, Connection, Message, RecipientContext, Session } from './context.ts';
import { Fault } from './errors.ts';
import { token, type Token } from './services.ts';
import { onlyKnown } from './settings.ts';
import { reply, type EnhancedCode, type Reply } from './wire/reply.ts';

/** Makes replies; the fixed ones are frozen and shared. */
export const replies: {
  /** A reply of `code`, with its enhanced status code (RFC 3463) or undefined, and one text per line. */
  readonly of: typeof reply;
  /** One reply per part, written in order: LMTP's and PRDR's end of data. Its own code is the worst part's. */
  each(parts: readonly Reply[]): Reply;
  /** The same reply; the connection ends once it was written. */
  closing(given: Reply): Reply;
  readonly ok: Reply;
  readonly badSequence: Reply;
  readonly badSyntax: Reply;
  readonly badCommand: Reply;
} = {
  of: reply,
  each: (parts) => ({ ...worst(parts), parts }),
  closing: (given) => ({ ...given, close: true }),
  ok: fixed(250, '2.0.0', 'OK'),
  badSequence: fixed(503, '5.5.1', 'Bad sequence of commands'),
  badSyntax: fixed(501, '5.5.4', 'Syntax error in parameters or arguments'),
  badCommand: fixed(500, '5.5.2', 'Syntax error, command unrecognized'),
};

function fixed(code: number, enhanced: EnhancedCode, text: string): Reply {
  return Object.freeze(reply(code, enhanced, text));
}

const unavailable = fixed(451, '4.3.0', 'Requested action aborted: try again later');

/** The texts a server starts from. */
const texts = {
  /** 220 */
  greeting: (connection: Connection): Reply => reply(220, undefined, `${connection.hostname} ESMTP`),
  /** 250 at the end of data, when the sinks gave no text of their own: `m.id` is what a log knows the message by. */
  accepted: (message: Message): Reply => reply(250, '2.0.0', `Kept as ${message.id}`),
  /** 550: nobody claimed the recipient. The same for every address: it tells nothing. */
  noAcceptor: (_recipient: RecipientContext): Reply => reply(550, '5.7.1', 'Recipient not accepted here'),
  /** 451: no sink keeps the message for some recipient. */
  noSink: (_message: Message): Reply => unavailable,
  /** 451: a plugin failed; says nothing of the cause. */
  unavailable: (): Reply => unavailable,
  /** 500: nobody owns the verb, or it isn't offered in this state. */
  unknownVerb: (_command: Command): Reply => replies.badCommand,
  /** 214: HELP. */
  help: (_session: Session): Reply => reply(214, '2.0.0', 'This server speaks RFC 5321'),
  /** 221 */
  goodbye: (session: Session): Reply => reply(221, '2.0.0', `${session.hostname} closing`),
  /** 421: the server is shutting down. */
  shutdown: (connection: Connection): Reply => reply(421, '4.3.2', `${connection.hostname} shutting down`),
  /** 421: too many connections, in all or from this address. */
  tooManyConnections: (_connection: Connection): Reply => reply(421, '4.7.0', 'Too many connections'),
};

/** Every text an application may set; entries are functions of the context. Set some with `createServer({ replies })`. */
export type Catalogue = Readonly<typeof texts>;

/** The server's texts, for plugins that answer in its name. */
export const Texts: Token<Catalogue> = token('texts');

/** `own` texts over the defaults, one of which stands in for what throws, is no reply, or says yes where core says no. */
export function textsOf(own: Partial<Catalogue>, failed: (entry: string, error: unknown) => void): Catalogue {
  const guarded = (entry: keyof Catalogue): ((about: never) => Reply) => {
    const standIn: (about: never) => Reply = texts[entry];
    const text: (about: never) => Reply = own[entry] ?? standIn;
    return (about) => {
      try {
        const given: unknown = text.call(own, about);
        if (isReply(given) && !(positive(given) && !positive(standIn(about)))) return given;
        throw new Fault('NO_REPLY', ['the application', `its text ${entry}`]);
      } catch (error) {
        failed(entry, error);
        return standIn(about);
      }
    };
  };
  const entries = Object.keys(texts) as (keyof Catalogue)[];
  onlyKnown('replies', own, entries);
  return Object.fromEntries(entries.map((entry) => [entry, guarded(entry)])) as unknown as Catalogue;
}

/**
 * The outcome that counts for all: temporary before permanent before accepted, because after a temporary one the client
 * sends again and nothing is lost; the first among equals.
 */
export function worst(of: readonly Reply[]): Reply {
  return of.reduce((bad, next) => (rank(next) > rank(bad) ? next : bad));
}

/** A 3xx among them, as PRDR's, says nothing of what became of anything. */
const rank = ({ code }: Reply): number => (code < 300 ? 1 : code < 400 ? 0 : code < 500 ? 3 : 2);

/** Whether a value can be written as a reply, a 3xx too. */
export function isShaped(value: unknown): value is Reply {
  const { code, lines } = (value ?? {}) as Partial<Reply>;
  return Number.isInteger(code) && Array.isArray(lines);
}

/**
 * Whether a value is a final reply: what a middleware of a plain JavaScript plugin returned may be anything. A 3xx is
 * none: the client would go on with content or a response that nobody reads as such (`verb.prompt` sends one and waits).
 */
export function isReply(value: unknown): value is Reply {
  return isShaped(value) && [2, 4, 5].includes(Math.floor(value.code / 100));
}

/** Whether the connection ends with a reply: where it says so, and with every 421 (RFC 5321 3.8). */
export const closes = (given: Reply): boolean => given.close === true || given.code === 421;

/** Whether a reply lets things come true: 200 to 299. */
export const positive = (given: Reply): boolean => given.code >= 200 && given.code < 300;
