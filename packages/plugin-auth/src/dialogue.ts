import { Clock, replies, SmtpError, type Reply, type Verb } from '@maitred/core';
import { decodeBase64 } from './sasl/base64.ts';

/** Octets of a line of the exchange, with CRLF (RFC 4954 4). */
export const longestLine = 12_288;

/** The challenges and responses of one attempt (RFC 4954 4), base64 taken off and put on. */
export class Dialogue {
  /** All responses so far. */
  readonly heard: Buffer[] = [];
  /** Why it ended before the mechanism was done: the client cancelled, sent no base64 or too much, or is gone. */
  broken: { readonly by: unknown } | undefined = undefined;
  readonly #verb: Verb;
  #left: number;
  #initial: Buffer | undefined;

  /** `initial`: the initial response, if one came; `time`: milliseconds that the client has for all others together. */
  constructor(verb: Verb, initial: Buffer | undefined, time: number) {
    this.#verb = verb;
    this.#left = time;
    this.#initial = initial;
  }

  async ask(challenge: string | Buffer = ''): Promise<Buffer> {
    try {
      const response = this.#takeInitial() ?? (await this.#prompt(challenge));
      this.heard.push(response);
      return response;
    } catch (error) {
      this.broken ??= { by: error };
      throw error;
    }
  }

  /** It answers the first challenge or none. */
  #takeInitial(): Buffer | undefined {
    const initial = this.#initial;
    this.#initial = undefined;
    return initial;
  }

  async #prompt(challenge: string | Buffer): Promise<Buffer> {
    await this.#verb.prompt(replies.of(334, undefined, Buffer.from(challenge).toString('base64')));
    const clock = this.#verb.inject(Clock);
    const since = clock.elapsed();
    const line = await this.#verb.readLine({ limit: longestLine, deadline: this.#left });
    this.#left -= clock.elapsed() - since;
    if (line === '*') throw new SmtpError(cancelled);
    const response = decodeBase64(line);
    if (response) return response;
    // More of the exchange may be under way, and must be read neither as commands nor into a trace.
    throw new SmtpError((await this.#verb.spoke(0)) ? replies.closing(noBase64) : noBase64);
  }
}

const cancelled = replies.of(501, '5.7.0', 'Authentication cancelled');
/** Also for an initial response. */
export const noBase64: Reply = replies.of(501, '5.5.2', 'Cannot decode base64');
