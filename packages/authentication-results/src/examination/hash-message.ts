import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParsedHeaders } from '../mailauth.ts';
import { LimitedHash } from './body-hash.ts';
import { HeaderGatherer } from './header-end.ts';
import { endsLinesInCrlf, parseHeader } from './header.ts';
import { defaultExaminationLimits, longestHeader } from './limits.ts';
import { RelaxedBody } from './relaxed-body.ts';

/** What is signed or sealed: a message's header, and its body by its hash. */
export interface HashedMessage {
  readonly headers: ParsedHeaders;
  /** The relaxed SHA-256 hash of the body, base64. */
  readonly bodyHash: string;
}

/** No message has as many fields that anybody signs; to read them takes a few milliseconds. */
const mostFields = 4096;

/**
 * Reads a message as it is going to be sent, once, with at most its header held, in turns of the event loop however its
 * lines are. Rejects when the header is longer than 256 KiB, has more than 4,096 fields, or a CR or LF by itself; and as the
 * message's stream does.
 */
export async function hashMessage(message: Buffer | AsyncIterable<Uint8Array>): Promise<HashedMessage> {
  const gatherer = new HeaderGatherer(longestHeader);
  const body = new RelaxedBody();
  const hash = new LimitedHash(body, 'sha256', undefined);
  body.hashes.push(hash);
  const { turn } = defaultExaminationLimits;
  let work = 0;
  for await (const piece of Buffer.isBuffer(message) ? [message] : message) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const taken = gatherer.take(chunk);
    if (gatherer.tooLong) throw new RangeError(`the message's header is longer than ${longestHeader} octets`);
    for (let at = taken; at < chunk.length; at += turn) {
      const octets = chunk.subarray(at, at + turn);
      work += octets.length;
      if (work > turn) {
        await nextTurn();
        work = octets.length;
      }
      body.write(octets);
    }
  }
  if (!endsLinesInCrlf(gatherer.section)) throw new RangeError("the lines of the message's header must end in CR LF");
  const headers = parseHeader(gatherer.section, mostFields);
  if (headers.parsed.length > mostFields) throw new RangeError(`the message has more than ${mostFields} header fields`);
  return { headers, bodyHash: hash.digest('base64') };
}
