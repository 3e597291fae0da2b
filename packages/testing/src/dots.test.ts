import { expect, it } from 'vitest';
import { dotStuffed } from './dots.ts';

it.each([
  ['', '.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['a\r', 'a\r\r\n.\r\n'],
  ['.', '..\r\n.\r\n'],
  ['..\r\n.a\r\n.\r\n', '...\r\n..a\r\n..\r\n.\r\n'],
  ['a.b\r\n', 'a.b\r\n.\r\n'],
  ['a\n.\n', 'a\n.\n\r\n.\r\n'],
  ['a\r.\r', 'a\r.\r\r\n.\r\n'],
])('sends %j as %j', (content, sent) => {
  expect(dotStuffed(content).toString()).toBe(sent);
  expect(dotStuffed(Buffer.from(content)).toString()).toBe(sent);
});

it('sends octets that are no text as they are', () => {
  expect(dotStuffed(Buffer.of(0xff, 0x00, 0x0d, 0x0a))).toEqual(Buffer.of(0xff, 0x00, 0x0d, 0x0a, 0x2e, 0x0d, 0x0a));
});
