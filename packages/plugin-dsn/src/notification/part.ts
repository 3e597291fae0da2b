import { Buffer } from 'node:buffer';
import { Octets } from './inspection.ts';

/** What the way back takes: RFC 5321 alone, with 8BITMIME (RFC 6152), or with SMTPUTF8 (RFC 6531) too. */
export type ReturnPath = '7BIT' | '8BITMIME' | 'SMTPUTF8';

/** Octets, as often as asked for. */
export type Source = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A body part (RFC 2046 5.1). */
export interface Part {
  readonly type: string;
  readonly encoding: '7bit' | '8bit' | 'base64';
  readonly body: Source;
}

/** A part whose octets are at hand: as it is where the way back takes it so, or else in base64. */
export function textPart(type: string, text: string | Buffer, returnPath: ReturnPath): Part {
  const octets = Buffer.from(text as string);
  const { eightBit, binary } = new Octets().see(octets);
  const plain = !binary && (!eightBit || returnPath !== '7BIT');
  return plain
    ? { type, encoding: eightBit ? '8bit' : '7bit', body: () => [octets] }
    : { type, encoding: 'base64', body: () => base64([octets]) };
}

/** The part's header fields and its octets. */
export async function* written({ type, encoding, body }: Part): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`);
  yield* body();
}

/** Octets of a line (RFC 2045 6.8): 76 characters. */
const LINE = 57;

/** Octets in base64, in lines, as they come. */
export async function* base64(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let left = Buffer.alloc(0);
  for await (const chunk of octets) {
    const all = Buffer.concat([left, chunk]);
    const end = all.length - (all.length % LINE);
    left = all.subarray(end);
    if (end > 0) yield lines(all.subarray(0, end));
  }
  if (left.length > 0) yield lines(left);
}

function lines(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('base64').replace(/.{1,76}/g, '$&\r\n'));
}
