import type { Plugin } from '@maitred/core';
import { eightBitMime } from './eight-bit-mime.ts';
import { enhancedStatusCodes } from './enhanced-status-codes.ts';
import { limits } from './limits.ts';
import type { LimitsOptions } from './limits.ts';
import { namedOptions } from './named-options.ts';
import { pipelining } from './pipelining.ts';
import type { PipeliningOptions } from './pipelining.ts';
import { size } from './size.ts';
import type { SizeOptions } from './size.ts';
import { smtpUtf8 } from './smtp-utf8.ts';

/** What {@link esmtp} is made with: the options of the plugins that have some. */
export interface EsmtpOptions {
  readonly size?: SizeOptions;
  readonly pipelining?: PipeliningOptions;
  readonly limits?: LimitsOptions;
}

/**
 * The everyday extensions, in this order: `size`, `pipelining`, `8bitmime`, `enhanced-status-codes`, `smtputf8`,
 * `limits`. A plain array: leave one out with core's `without`, put others between with `before`.
 *
 * Throws what they throw, and TypeError for an option that there isn't.
 */
export function esmtp(options: EsmtpOptions = {}): Plugin[] {
  const given = namedOptions('esmtp', options, ['size', 'pipelining', 'limits']);
  return [
    size(given.size),
    pipelining(given.pipelining),
    eightBitMime(),
    enhancedStatusCodes(),
    smtpUtf8(),
    limits(given.limits),
  ];
}
