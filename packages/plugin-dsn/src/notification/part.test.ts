import { buffer } from 'node:stream/consumers';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { base64, textPart } from './part.ts';

describe('a text part', () => {
  it.each([
    ['a\r\n', '7BIT', '7bit'],
    ['a\r\n', 'SMTPUTF8', '7bit'],
    ['é\r\n', '7BIT', 'base64'],
    ['é\r\n', '8BITMIME', '8bit'],
    ['é\r\n', 'SMTPUTF8', '8bit'],
    ['a\0\r\n', 'SMTPUTF8', 'base64'],
    ['a'.repeat(999), 'SMTPUTF8', 'base64'],
  ] as const)('%j on a way back of %s is %s', (text, returnPath, encoding) => {
    expect(textPart('text/plain', text, returnPath)).toMatchObject({ type: 'text/plain', encoding });
  });
});

describe('base64', () => {
  it('is the same however its octets come, in lines of 76 characters', async () => {
    const octets = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(octets, async (pieces) => {
        const encoded = (await buffer(base64(pieces))).toString();
        expect(encoded).toMatch(/^(?:[A-Za-z0-9+/]{76}\r\n)*(?:[A-Za-z0-9+/=]{1,76}\r\n)?$/);
        expect(Buffer.from(encoded, 'base64')).toEqual(Buffer.concat(pieces));
      }),
    );
  });
});
