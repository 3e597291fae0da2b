import type { CoreStages, Collected } from './stages.ts';

/** What a client may use up. Each has a default; octets unless it says otherwise. */
export interface Limits {
  /** A command line with its CRLF; parameters and verbs add what they declare beyond the RFC's. Over it: 500 5.5.2. */
  readonly commandLine: number;
  /** Recipients of one message; over it: 452 4.5.3 (RFC 5321 4.5.3.1.10). */
  readonly recipients: number;
  /** Messages of one session; over it: 421 4.7.0. */
  readonly messages: number;
  /** Errors of one session before each further one is answered a second late. */
  readonly errorsSlowed: number;
  /** Errors of one session that end it: 421 4.7.0. */
  readonly errors: number;
  /** Commands that change nothing (NOOP, RSET, VRFY …) between two messages; over it: 421 4.7.0. */
  readonly idleCommands: number;
  /** Connections at once; over it: 421 4.7.0. */
  readonly connections: number;
  /** Connections at once from one client address; over it: 421 4.7.0. */
  readonly connectionsPerAddress: number;
  /** A message's header section; over it: 552 5.3.4. */
  readonly header: number;
  /** One header field with its folds; over it: 552 5.3.4. */
  readonly headerField: number;
  /** `Received:` fields, more of which are a loop: 554 5.4.6 (RFC 5321 6.3). */
  readonly hops: number;
  /** A text line of content with its CRLF; over it: 554 5.6.0. Infinity: any length passes. */
  readonly textLine: number;
}

/** The limits a server has when nothing else is said. */
export const defaultLimits: Limits = {
  commandLine: 2048,
  recipients: 1000,
  messages: 100,
  errorsSlowed: 10,
  errors: 20,
  idleCommands: 100,
  connections: 1000,
  connectionsPerAddress: 50,
  header: 256 * 1024,
  headerField: 64 * 1024,
  hops: 100,
  textLine: Number.POSITIVE_INFINITY,
};

/** Stages with a deadline of their own; `verb` is a handler's own work, `body` a tap's. */
export type TimedStage = keyof CoreStages | keyof Collected | 'prologue' | 'verb' | 'prepare' | 'commit';

/** How long things may take; milliseconds. A client's idle time does not run while we are slow, nor ours while it is. */
export interface Deadlines {
  /** A whole command line, from our last reply to its CRLF (RFC 5321 4.5.3.2.7). Then 421 4.4.2. */
  readonly command: number;
  /** The next octets of content (RFC 5321 4.5.3.2.5). Then 421 4.4.2. */
  readonly dataBlock: number;
  /** A TLS handshake. */
  readonly handshake: number;
  /** Until the client reads our replies again. */
  readonly unreadReplies: number;
  /** A whole session. Then 421 4.4.2, between or within transactions. */
  readonly session: number;
  /** What an aborted handler still gets before its connection ends. */
  readonly grace: number;
  /** From the last octet of content to the first commit: `message` and every `prepare` together. Then 451. */
  readonly endOfData: number;
  /** One run of a stage; `stages` overrides it for some. Then 451 4.3.0. */
  readonly stage: number;
  readonly stages: Readonly<Partial<Record<TimedStage, number>>>;
  /** A floor for content, octets per second of waiting, after the first 30 seconds. Then 421 4.4.2. */
  readonly dataRate: number;
}

/** The deadline of one run of a stage. */
export function deadlineOf({ stages, stage: each }: Deadlines, stage: string): number {
  return stages[stage as TimedStage] ?? each;
}

/** The deadlines a server has when nothing else is said. */
export const defaultDeadlines: Deadlines = {
  command: 300_000,
  dataBlock: 180_000,
  handshake: 30_000,
  unreadReplies: 300_000,
  session: 3_600_000,
  grace: 5_000,
  endOfData: 120_000,
  stage: 30_000,
  stages: { message: 120_000, prepare: 120_000, commit: 300_000 },
  dataRate: 500,
};
