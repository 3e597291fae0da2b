import type { Reply } from './wire/reply.ts';

/** Thrown by a handler to answer with `reply`; the layer that threw answers so, the layers outside it see that reply. */
export class SmtpError extends Error {
  readonly reply: Reply;

  constructor(reply: Reply, options?: ErrorOptions) {
    super(`${reply.code} ${reply.lines.join(' ')}`, options);
    this.name = 'SmtpError';
    this.reply = reply;
  }
}

/**
 * Every fault of the framework: what happened, then how to mend it. Start-up faults are thrown by `listen`, `attach` and
 * `describe`; the others are logged while the client reads 451 4.3.0 and nothing of the cause.
 */
const faults = {
  // ── at start ──
  BAD_HOSTNAME: (given: string) =>
    `the hostname is ${given}, which is no domain name: give the one that clients know the server by, such as mx.example.org`,
  NO_SETTING: (what: string, name: string, known: string) => `${what} has no ${name}: it has ${known}`,
  NO_NUMBER: (name: string, given: string) => `${name} is ${given}: give a number that is not negative, or Infinity`,
  NO_FUNCTION: (plugin: string, at: string) => `${plugin} has no function in ${at}: give it one`,
  NOWHERE: (given: string) => `listen was given ${given}: give it where to listen, such as { port: 2525 }`,
  BAD_TLS: (listener: string, missing: string) =>
    `the tls of ${listener} lacks ${missing}: give it the texts of a key and a cert, or a function that does`,
  DUPLICATE_PLUGIN: (name: string) => `two plugins are named ${name}: use it once, or give the second another name`,
  NOT_A_PLUGIN: (what: string) =>
    `use() was given ${what}: pass what the plugin's factory returns, or a class with a static plugin`,
  CONTRACT_VERSION: (name: string, theirs: string, ours: string) =>
    `${name} was made for contract ${theirs}, this core has ${ours}: install a matching version of either`,
  TWO_COPIES: (name: string, a: string, b: string) =>
    `two copies of ${name} are in use, by ${a} and by ${b}: a package is installed twice, or key() called twice: share one`,
  MISSING_PRODUCER: (plugin: string, what: string) =>
    `${plugin} needs ${what}, which nothing provides: use a plugin that provides it before ${plugin}, or server.override for a service`,
  LATE_PRODUCER: (plugin: string, what: string, producer: string, stage: string) =>
    `${plugin} needs ${what} in ${stage}: use ${producer} before ${plugin}`,
  UNDECLARED: (plugin: string, what: string) =>
    `${plugin} uses ${what} without naming it: add it to the plugin's requires, optional or provides`,
  VERB_TAKEN: (verb: string, owner: string, plugin: string) =>
    `${plugin} brings ${verb}, which ${owner} has: leave one out, or set replaces on the second`,
  KEYWORD_TAKEN: (keyword: string, owner: string, plugin: string) =>
    `${plugin} brings the keyword ${keyword}, which ${owner} has: leave one out`,
  PARAMETER_TAKEN: (parameter: string, owner: string, plugin: string) =>
    `${plugin} brings the parameter ${parameter}, which ${owner} has: leave one out`,
  UNKNOWN_EXTENSION: (plugin: string, what: string, keyword: string) =>
    `${plugin} ties ${what} to ${keyword}, which no plugin offers: use one that does`,
  BAD_NAME: (plugin: string, what: string) =>
    `${plugin} brings ${what}, which is no name that RFC 5321 allows there: use letters, digits and hyphens`,
  UNKNOWN_STAGE: (plugin: string, stage: string, known: string) =>
    `${plugin} hooks ${stage}, which is no stage: take one of ${known}`,
  SERVICE_TAKEN: (token: string, owner: string, plugin: string) =>
    `${plugin} registers ${token}, which ${owner} did: set override on the second if that is meant`,
  SERVICE_MISSING: (token: string) => `${token} has no service: use a plugin that registers it, or server.override`,
  SERVICE_CYCLE: (path: string) =>
    `services need each other in a circle: ${path}: let one ask for the other when it is used`,
  SETUP_FAILED: (plugin: string, why: string) => `${plugin} could not be set up: ${why}`,
  ALREADY_STARTED: (call: string) => `${call} came after the server started: call it before listen`,
  UNKNOWN_PLUGIN: (name: string) => `the list holds no plugin ${name}: check the name with describe()`,
  // ── while serving ──
  NO_REPLY: (plugin: string, at: string) =>
    `${plugin} gave no reply in ${at}: return one of replies.of(); a middleware, what next() gave; accept, true or false`,
  NO_SINK: (plugin: string) =>
    `${plugin} returned something else than a sink from deliver: return recipients and commit, or nothing`,
  NO_OUTCOME: (plugin: string) =>
    `${plugin} committed but told no outcomes: return a recipient of its own and a final reply each, or nothing`,
  REFUSED_LATE: () => 'a message was refused after all taps had heard of its end: refuse in end, or answer in message',
  NOT_AT_ONCE: (plugin: string, at: string) =>
    `${plugin} returned a promise from ${at}, where nobody waits: return the value`,
  NEXT_TWICE: (plugin: string, at: string) => `${plugin} called next() twice in ${at}: call it once`,
  TOO_LATE: (plugin: string, at: string) =>
    `${plugin} did not settle in ${at} before its deadline: heed ctx.signal, or set deadlines.stages`,
  UNSET_KEY: (key: string) => `${key} is needed but was not set: use ctx.get, or mend the plugin that sets it`,
  UNDECLARED_KEY: (plugin: string, key: string) =>
    `${plugin} used the key ${key} without naming it: add it to its requires, optional or provides`,
  OUT_OF_REACH: (what: string) => `${what} was asked for where it does not exist: use it in a stage that has it`,
  UNCLAIMED: (at: string) =>
    `a 2xx for a recipient came from ${at}, but nobody claimed it: accept by accepts or server.accept`,
  VERB_OVER: (verb: string) => `${verb}'s handler acted after its command was answered: await all it does`,
  BAD_DEBT: (verb: string) => `${verb}'s owes gave no count of octets: return a whole number, or close`,
  NOT_OWED: (verb: string) => `${verb} read more octets than its owes announced: announce them all`,
  CONTENT_GONE: (id: string) => `the content of ${id} was used after its transaction ended: read or place it before`,
  CONTENT_TOO_LARGE: (size: string, maximum: string) =>
    `content of ${size} octets was asked for whole, with at most ${maximum}: stream it, or ask for more`,
  SERVER_CLOSED: (call: string) => `${call} came after the server closed: make a new one`,
} as const;

/** The name of a framework fault. */
export type FaultCode = keyof typeof faults;

/** A fault of the framework's or of a plugin's; `code` is stable, the message says what to mend. */
export class Fault<C extends FaultCode = FaultCode> extends Error {
  /** `MAITRED_` and the fault's name. */
  readonly code: `MAITRED_${C}`;

  constructor(code: C, args: Parameters<(typeof faults)[C]>, options?: ErrorOptions) {
    const explain: (...values: string[]) => string = faults[code];
    super(explain(...args), options);
    this.name = 'Fault';
    this.code = `MAITRED_${code}`;
  }
}
