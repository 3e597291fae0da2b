import type { Command, Connection, Message, RecipientContext, Session } from './context.ts';
import { token, type Token } from './services.ts';
import { reply, type EnhancedCode, type Reply } from './wire/reply.ts';

/** Every text an application may set; entries are functions of the context. Set some with `createServer({ replies })`. */
export interface Catalogue {
  /** 220 */
  greeting(connection: Connection): Reply;
  /** 250 at the end of data, when the sinks gave no text of their own: `m.id` is what a log knows the message by. */
  accepted(message: Message): Reply;
  /** 550: nobody claimed the recipient. The same for every address: it tells nothing. */
  noAcceptor(recipient: RecipientContext): Reply;
  /** 451: no sink keeps the message for some recipient. */
  noSink(message: Message): Reply;
  /** 451: a plugin failed; says nothing of the cause. */
  unavailable(): Reply;
  /** 500: nobody owns the verb, or it isn't offered in this state. */
  unknownVerb(command: Command): Reply;
  /** 214: HELP. */
  help(session: Session): Reply;
  /** 221 */
  goodbye(session: Session): Reply;
  /** 421: the server is shutting down. */
  shutdown(connection: Connection): Reply;
  /** 421: too many connections, in all or from this address. */
  tooManyConnections(connection: Connection): Reply;
}

/** The server's texts, for plugins that answer in its name. */
export const Texts: Token<Catalogue> = token('texts');

/** Makes replies; frozen ones are shared. */
export const replies = {
  /** A reply of `code`, with its enhanced status code (RFC 3463) or undefined, and one text per line. */
  of: reply,
  /** One reply per part, written in order: LMTP's and PRDR's end of data. Its own code is the worst part's. */
  each: (parts: readonly Reply[]): Reply => ({ ...worst(parts), parts }),
  /** The same reply; the connection ends once it was written. */
  closing: (given: Reply): Reply => ({ ...given, close: true }),
  ok: fixed(250, '2.0.0', 'OK'),
  badSequence: fixed(503, '5.5.1', 'Bad sequence of commands'),
  badSyntax: fixed(501, '5.5.4', 'Syntax error in parameters or arguments'),
  badCommand: fixed(500, '5.5.2', 'Syntax error, command unrecognized'),
} as const;

function fixed(code: number, enhanced: EnhancedCode, text: string): Reply {
  return Object.freeze(reply(code, enhanced, text));
}

const unavailable = fixed(451, '4.3.0', 'Requested action aborted: try again later');

/** The texts a server starts from. */
export const defaultCatalogue: Catalogue = {
  greeting: (connection) => reply(220, undefined, `${connection.hostname} ESMTP`),
  accepted: (message) => reply(250, '2.0.0', `Kept as ${message.id}`),
  noAcceptor: () => reply(550, '5.7.1', 'Recipient not accepted here'),
  noSink: () => unavailable,
  unavailable: () => unavailable,
  unknownVerb: () => replies.badCommand,
  help: () => reply(214, '2.0.0', 'This server speaks RFC 5321'),
  goodbye: (session) => reply(221, '2.0.0', `${session.hostname} closing`),
  shutdown: (connection) => reply(421, '4.3.2', `${connection.hostname} shutting down`),
  tooManyConnections: () => reply(421, '4.7.0', 'Too many connections'),
};

/**
 * The outcome that counts for all: temporary before permanent before accepted, because after a temporary one the client
 * sends again and nothing is lost; the first among equals.
 */
export function worst(of: readonly Reply[]): Reply {
  return of.reduce((bad, next) => (rank(next) > rank(bad) ? next : bad));
}

const rank = ({ code }: Reply): number => (code < 400 ? 0 : code < 500 ? 2 : 1);

/** Whether a value is a reply: what a middleware of a plain JavaScript plugin returned may be anything. */
export function isReply(value: unknown): value is Reply {
  const given = value as Partial<Reply> | null | undefined;
  return typeof given === 'object' && given !== null && Number.isInteger(given.code) && Array.isArray(given.lines);
}

/** Whether the connection ends with a reply: where it says so, and with every 421 (RFC 5321 3.8). */
export const closes = (given: Reply): boolean => given.close === true || given.code === 421;

/** Whether a reply lets things come true: 200 to 299. */
export const positive = (given: Reply): boolean => given.code >= 200 && given.code < 300;
