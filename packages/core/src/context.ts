import type { Bag, Lifetime } from './key.ts';
import type { Content } from './content.ts';
import type { Limits } from './limits.ts';
import type { Token } from './services.ts';
import type { Path } from './wire/path.ts';
import type { Reply } from './wire/reply.ts';

/** One end of a connection. */
export interface Peer {
  /** An IP address in text form; empty on a Unix socket or an attached stream without one. */
  readonly address: string;
  readonly port: number;
}

/** What a prologue may find out and a restart may change: nobody else alters these. */
export interface Facts {
  /** The client, as a trusted proxy tells it or else the socket's other end. */
  readonly remote: Peer;
  /** The address the client connected to. */
  readonly local: Peer;
}

/** The TLS layer a session runs in. */
export interface TlsInfo {
  /** As OpenSSL names it: `TLSv1.3`. */
  readonly protocol: string;
  /** As OpenSSL names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name the client asked for (SNI). */
  readonly servername: string | undefined;
  /** True when the client's certificate was asked for and verified. */
  readonly authorized: boolean;
  /** The client's certificate (DER), when it sent one. */
  readonly peerCertificate: Buffer | undefined;
  /** The server's own certificate (DER), the one this client was shown. */
  readonly certificate: Buffer | undefined;
  /** Keying material for channel bindings (RFC 5705). */
  exportKeyingMaterial(octets: number, label: string, context: Buffer): Buffer;
}

/** The listener a connection came in by. */
export interface Listener {
  readonly name: string;
  readonly tls: 'none' | 'implicit';
}

interface ConnectionFacts extends Facts {
  /** Names this connection in logs; inside a transaction this, a dot, and the transaction's number. */
  readonly id: string;
  /** The real socket's other end, whatever a proxy said. Decide trust on this. */
  readonly socket: Peer;
  readonly tls: TlsInfo | undefined;
  readonly listener: Listener;
  /** The server's own host name. */
  readonly hostname: string;
  /** What the server lets a client use up; the same for all. */
  readonly limits: Limits;
  /** Aborts when the client is gone, at shutdown, or at this stage's deadline. Made when first read. */
  readonly signal: AbortSignal;
  /** True as soon as the client sends octets, false after `ms` milliseconds without any, or when it has gone. */
  spoke(ms: number): Promise<boolean>;
  /** The service behind a token: a look-up of what was resolved at start. */
  inject<T>(token: Token<T>): T;
}

interface SessionFacts extends ConnectionFacts {
  /** The argument of the last HELO or EHLO that was accepted. */
  readonly helo: string | undefined;
  /** The protocol that greeting chose. */
  readonly protocol: 'SMTP' | 'ESMTP';
  /** The keywords that the last EHLO advertised; empty after HELO. */
  readonly offered: ReadonlySet<string>;
  /** The transaction under way, with everything of it. */
  readonly transaction: Transaction | undefined;
}

interface TransactionFacts extends SessionFacts {
  /** The reverse-path (RFC 5321 4.1.1.2). */
  readonly sender: Path;
  /** The recipients that were accepted. */
  readonly recipients: readonly Recipient[];
  /** The body that DATA or chunks are filling, if one is open. */
  readonly body: Body | undefined;
  /** Aborts when the transaction is over, however it ended; for work that outlives the stage it began in. Made when first read. */
  readonly ended: AbortSignal;
}

/** What the `connect` stage is handed: a client that has said nothing yet. */
export interface Connection extends ConnectionFacts, Bag<'connection' | 'session'> {}

/** What the `helo` and declared stages are handed. */
export interface Session extends SessionFacts, Bag<'connection' | 'session'> {}

/** What the `mail` stage is handed: from MAIL to the end of the message, RSET or EHLO. */
export interface Transaction extends TransactionFacts, Bag<'connection' | 'session' | 'transaction'> {}

/** What the `data` stage is handed. */
export interface DataContext extends Transaction {
  /** How the content is going to come. */
  readonly via: BodyKind;
}

/** What the `rcpt` stage and acceptors are handed. */
export interface RecipientContext extends TransactionFacts, Bag<Lifetime> {
  /** The recipient that is asked about; not among `recipients` until it was accepted. */
  readonly recipient: Recipient;
}

/** What the `message` stage and sinks are handed. */
export interface Message extends Transaction {
  /** What was received. Gone once the transaction ended, unless it was placed. */
  readonly content: Content;
}

/** What a `body` hook is handed. */
export interface BodyContext extends Transaction {
  /**
   * Refuses the message: the first refusal wins; the rest is drained, or the connection ends if the reply says so, or
   * once more than `drain` further octets of content came (default: there is no such limit).
   */
  refuse(reply: Reply, options?: { readonly drain?: number }): void;
}

/** A forward-path that was, or is about to be, accepted. */
export interface Recipient extends Bag<'recipient'> {
  readonly path: Path;
  /** The plugin whose `accepts` claimed it. */
  readonly claimedBy: string | undefined;
}

/** How content comes: after 354 with a final dot, or in counted pieces. */
export type BodyKind = 'data' | 'chunks';

/** The one body of a transaction. DATA, BDAT and BURL fill it alike. */
export interface Body {
  readonly kind: BodyKind;
  /** Set once a stage or a tap refused; what is written after that is dropped. */
  readonly refused: Reply | undefined;
  /** Hands on a piece of content; wait for the promise, if there is one, before the next. */
  write(chunk: Buffer): void | Promise<void>;
  /** All octets were written: runs `message`, delivers, and gives the final reply. The transaction is over. */
  end(): Promise<Reply>;
  /** Drops what was received; the transaction's body is open no more. */
  abort(cause: unknown): void;
}

/** A command line as it was received. */
export interface Command {
  /** Upper case; empty when the line could not be read as a command. */
  readonly verb: string;
  /** What followed the verb; empty for a `secret` verb, whose arguments only its handler sees. */
  readonly args: string;
  /** Whether a plugin owns the verb. */
  readonly known: boolean;
  /**
   * Whether the client waited for our reply before it sent this line: `no`, it waited; `in-group`, it did not, and may
   * if PIPELINING is offered; `out-of-turn`, it did not although the command before must end a group (RFC 2920 3.1), or
   * the greeting had not come, or it has not waited since.
   */
  readonly ahead: 'no' | 'in-group' | 'out-of-turn';
}

/** What the `command` ring is handed. */
export interface CommandContext extends Session {
  readonly command: Command;
}

/** What a `close` hook is told. */
export interface Closed extends Connection {
  readonly cause: CloseCause;
}

/** Why a connection ended. */
export type CloseCause = 'quit' | 'lost' | 'timeout' | 'shutdown' | 'refused' | 'error' | 'taken-over';
