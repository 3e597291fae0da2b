import { definePlugin, parameter, replies } from '@maitred/core';
import type { Awaitable, Plugin } from '@maitred/core';
import { DeclaredSize } from './keys.ts';
import { namedOptions } from './named-options.ts';

/** What {@link size} is made with; sizes in octets of content with its CRLFs, dot-stuffing not counted (RFC 1870 5). */
export interface SizeOptions {
  /** The largest message that is taken. Default: 26,214,400 (25 MiB). */
  readonly maximum?: number;
  /**
   * The rest of a message that is too large is read and dropped, so that the client sees its refusal at the end of data;
   * of one that grows beyond this it is not, and the connection ends. At least `maximum`, or Infinity. Default: four
   * times `maximum`.
   */
  readonly hardCap?: number;
  /**
   * Octets that can be stored now; asked at each MAIL, which gets 452 4.3.1 when the declared size, or `maximum` where
   * none was declared, doesn't fit (RFC 1870 6.1). When it throws, MAIL gets 451. Default: nobody is asked.
   */
  readonly available?: () => Awaitable<number>;
}

/**
 * SIZE (RFC 1870): offers the largest size, and refuses a larger message with 552 5.3.4, at MAIL when it is declared and
 * after the final dot when it is sent; nothing of it beyond `maximum` is kept. Holds also for clients that said HELO.
 *
 * Throws RangeError for a `maximum` that is no positive whole number, and a `hardCap` below it; TypeError for options
 * that are no object, and for one that there isn't.
 */
export function size(options: SizeOptions = {}): Plugin {
  const named = namedOptions('size', options, ['maximum', 'hardCap', 'available']);
  const { maximum = 26_214_400, hardCap = 4 * maximum, available } = named;
  if (!Number.isSafeInteger(maximum) || maximum < 1) {
    throw new RangeError(`the largest message has a positive whole number of octets, not ${maximum}`);
  }
  if (!(hardCap >= maximum)) throw new RangeError(`a hard cap of ${hardCap} octets is below the maximum of ${maximum}`);
  const tooLarge = replies.of(552, '5.3.4', `Message too large: at most ${maximum} octets`);
  return definePlugin({
    name: 'size',
    provides: [DeclaredSize],
    extensions: { SIZE: { args: () => [String(maximum)] } },
    parameters: {
      MAIL: {
        SIZE: parameter({
          extension: 'SIZE',
          key: DeclaredSize,
          octets: 26,
          parse: (value) => parseSize(value) ?? badSize,
        }),
      },
    },
    stages: {
      mail: {
        when: (transaction) => available !== undefined || transaction.get(DeclaredSize) !== undefined,
        handle: async (transaction, next) => {
          const declared = transaction.get(DeclaredSize);
          if (declared !== undefined && declared > maximum) return tooLarge;
          if (available && (await available()) < (declared ?? maximum)) return noSpace;
          return next();
        },
      },
      body: (transaction) => {
        let octets = 0;
        return {
          write: (chunk) => {
            octets += chunk.length;
            if (octets > maximum) transaction.refuse(tooLarge, { drain: hardCap - octets });
          },
        };
      },
    },
  });
}

const badSize = replies.of(501, '5.5.4', 'SIZE takes a number of up to 20 digits');
const noSpace = replies.of(452, '4.3.1', 'Not enough space for a message of that size now');

/** Reads a size-value, one to twenty digits (RFC 1870 3); undefined for anything else. Beyond 2^53 it is rounded. */
export function parseSize(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,20}$/.test(value) ? Number(value) : undefined;
}
