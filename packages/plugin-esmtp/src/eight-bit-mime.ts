import { definePlugin, parameter, replies } from '@maitred/core';
import type { Plugin } from '@maitred/core';
import { BodyType } from './keys.ts';

/**
 * 8BITMIME (RFC 6152): offers it, and keeps what BODY announces under {@link BodyType}. Content passes octet for octet
 * whatever was announced.
 *
 * This is the parameter `BODY` with any value: 501 5.5.4 for one that is not its own. A plugin that brings a value more
 * owns `BODY=VALUE`, which core prefers to `BODY`: BODY=BINARYMIME belongs to who speaks RFC 3030.
 */
export function eightBitMime(): Plugin {
  return definePlugin({
    name: '8bitmime',
    provides: [BodyType],
    extensions: { '8BITMIME': {} },
    parameters: {
      MAIL: {
        BODY: parameter({
          extension: '8BITMIME',
          key: BodyType,
          octets: 17,
          parse: (value) => parseBodyType(value) ?? badBodyType,
        }),
      },
    },
  });
}

const badBodyType = replies.of(501, '5.5.4', 'BODY is 7BIT or 8BITMIME');

/** Reads a body-value, in any case (RFC 6152 2); undefined for anything else. */
export function parseBodyType(value: string | undefined): '7BIT' | '8BITMIME' | undefined {
  // Matched, not put in upper case: that makes an ASCII letter of some others (the dotless i).
  if (value === undefined || !/^(?:7bit|8bitmime)$/i.test(value)) return undefined;
  return value.length === 4 ? '7BIT' : '8BITMIME';
}
