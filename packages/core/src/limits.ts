import type { CoreStages, Collected } from './stages.ts';

const limits = {
  /** A command line with its CRLF; parameters and verbs add what they declare beyond the RFC's. Over it: 500 5.5.2. */
  commandLine: 2048,
  /** Recipients of one message; over it: 452 4.5.3 (RFC 5321 4.5.3.1.10). */
  recipients: 1000,
  /** Messages of one session; over it: 421 4.7.0. */
  messages: 100,
  /** Errors of one session before each further one is answered a second late. */
  errorsSlowed: 10,
  /** Errors of one session that end it: 421 4.7.0. */
  errors: 20,
  /** Commands that change nothing (NOOP, RSET, VRFY …) between two messages; over it: 421 4.7.0. */
  idleCommands: 100,
  /** Connections at once; over it: 421 4.7.0. */
  connections: 1000,
  /** Connections at once from one client address; over it: 421 4.7.0. */
  connectionsPerAddress: 50,
  /** A message's header section; over it: 552 5.3.4. */
  header: 262_144,
  /** One header field with its folds; over it: 552 5.3.4. */
  headerField: 65_536,
  /** `Received:` fields, more of which are a loop: 554 5.4.6 (RFC 5321 6.3). */
  hops: 100,
  /** A text line of content with its CRLF; over it: 554 5.6.0. Infinity: any length passes. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- isolatedDeclarations infers literals and assertions
  textLine: Number.POSITIVE_INFINITY as number,
};

/** What a client may use up. Each has a default; octets unless it says otherwise. */
export type Limits = Readonly<typeof limits>;

/** The limits a server has when nothing else is said. */
export const defaultLimits: Limits = limits;

/** Stages with a deadline of their own; `verb` is a handler's own work, `after` what it does behind its reply, `body` a tap's. */
export type TimedStage = keyof CoreStages | keyof Collected | 'prologue' | 'verb' | 'after' | 'prepare' | 'commit';

const deadlines = {
  /** A whole command line, from our last reply to its CRLF (RFC 5321 4.5.3.2.7). Then 421 4.4.2. */
  command: 300_000,
  /** The next octets of content (RFC 5321 4.5.3.2.5). Then 421 4.4.2. */
  dataBlock: 180_000,
  /** A TLS handshake. */
  handshake: 30_000,
  /** Until the client reads our replies again. */
  unreadReplies: 300_000,
  /** A whole session. Then 421 4.4.2, between or within transactions. */
  session: 3_600_000,
  /** What an aborted handler still gets before its connection ends. */
  grace: 5_000,
  /** From the last octet of content to the first commit: `message` and every `prepare` together. Then 451. */
  endOfData: 120_000,
  /** One run of a stage; `stages` overrides it for some. Then 451 4.3.0. */
  stage: 30_000,
  stages: { message: 120_000, prepare: 120_000, commit: 300_000 } as Readonly<Partial<Record<TimedStage, number>>>,
  /** A floor for content, octets per second of waiting, after the first 30 seconds. Then 421 4.4.2. */
  dataRate: 500,
};

/** How long things may take; milliseconds. A client's idle time does not run while we are slow, nor ours while it is. */
export type Deadlines = Readonly<typeof deadlines>;

/** The deadlines a server has when nothing else is said. */
export const defaultDeadlines: Deadlines = deadlines;

/** The deadline of one run of a stage. */
export function deadlineOf({ stages, stage: each }: Deadlines, stage: string): number {
  return stages[stage as TimedStage] ?? each;
}
