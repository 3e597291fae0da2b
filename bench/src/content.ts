import { Buffer } from 'node:buffer';

const mebibyte = 1024 * 1024;
const header = [
  'From: Sender <sender@example.org>',
  'To: Recipient <recipient@example.com>',
  'Subject: a message to be measured with',
  'Message-ID: <20260101000000.1@example.org>',
  'Date: Thu, 1 Jan 2026 00:00:00 +0000',
  '',
  '',
].join('\r\n');

/** Lines of 76 characters, as base64 has them; each thousandth begins with a dot, doubled as a client has to. */
function lines(octets: number): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const text = Buffer.alloc(octets);
  for (let at = 0, line = 1; at < octets; line += 1) {
    const wanted =
      line % 1000 === 0
        ? `..${alphabet.repeat(2).slice(0, 74)}`
        : alphabet.repeat(2).slice(line % 50, (line % 50) + 76);
    const room = octets - at - 2;
    at += text.write(`${wanted.slice(0, room < 78 ? room : 76)}\r\n`, at, 'latin1');
  }
  return text;
}

/**
 * A message of about `octets` octets as it goes over the wire, the final dot included. Up to 8 MiB it is one piece; a
 * larger one repeats the same mebibyte, so that it costs the generator no memory.
 */
export function content(octets: number): readonly Buffer[] {
  const start = Buffer.from(header, 'latin1');
  const end = Buffer.from('.\r\n', 'latin1');
  if (octets <= 8 * mebibyte) return [Buffer.concat([start, lines(Math.max(100, octets - start.length)), end])];
  const piece = lines(mebibyte);
  return [start, ...Array.from({ length: Math.round(octets / mebibyte) }, () => piece), end];
}
