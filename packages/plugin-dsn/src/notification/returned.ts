import { isUtf8 } from 'node:buffer';
import { inspect } from './inspection.ts';
import { base64, textPart, type Part, type ReturnPath } from './part.ts';
import type { Original } from './report.ts';

/** What is returned of a message. */
export interface ReturnOptions {
  /** The whole of it, or its header section. */
  readonly what: 'FULL' | 'HDRS';
  /** The largest message, in octets, that is returned whole; of a larger one the header section is. */
  readonly largest: number;
  readonly returnPath: ReturnPath;
}

/** Octets of a header section; what is beyond is not returned. */
const HEADER = 256 * 1024;

/**
 * The third part of a report (RFC 6522 3): message/rfc822 or text/rfc822-headers; for a message with UTF-8 in its header
 * message/global or message/global-headers (RFC 6533 4.2, 4.3), in base64 where the way back has no SMTPUTF8 (4.5). Of a
 * message that can't be a part as it is (no text, or 8-bit on a way of 7) the header section is returned.
 */
export async function returned(
  content: NonNullable<Original['content']>,
  { what, largest, returnPath }: ReturnOptions,
): Promise<Part> {
  const full = what === 'FULL';
  const { header, whole, eightBit, binary } = await inspect(content, { header: HEADER, maximum: full ? largest : 0 });
  const global = header.some((octet) => octet > 0x7f) && isUtf8(header);
  // UTF-8 in header fields goes as it is only to who says that it takes it.
  const bare = global && returnPath !== 'SMTPUTF8' ? '7BIT' : returnPath;
  if (!full || !whole) return textPart(global ? 'message/global-headers' : 'text/rfc822-headers', header, bare);
  if (!binary && !(eightBit && bare === '7BIT')) {
    return { type: global ? 'message/global' : 'message/rfc822', encoding: eightBit ? '8bit' : '7bit', body: content };
  }
  // MIME lets message/rfc822 have no encoding (RFC 2046 5.2.1), and message/global any (RFC 6532 3.7).
  if (global) return { type: 'message/global', encoding: 'base64', body: () => base64(content()) };
  return textPart('text/rfc822-headers', header, bare);
}
