import { describe, expect, it } from 'vitest';
import { takeReply } from './reply.ts';

describe('takeReply', () => {
  it('takes all lines of one reply and leaves the next', () => {
    expect(takeReply('250-mx.example\r\n250-SIZE 1000\r\n250 HELP\r\n250 OK\r\n')).toEqual({
      code: 250,
      lines: ['mx.example', 'SIZE 1000', 'HELP'],
      text: 'mx.example\nSIZE 1000\nHELP',
      enhanced: undefined,
      raw: '250-mx.example\r\n250-SIZE 1000\r\n250 HELP\r\n',
    });
  });

  it.each(['', '2', '250', '250 OK', '250 OK\r', '250-mx.example\r\n', '250-mx.example\r\n250 HE'])(
    'waits for the rest of %j',
    (text) => {
      expect(takeReply(text)).toBeUndefined();
    },
  );

  it('takes a code alone', () => {
    expect(takeReply('250\r\n')).toMatchObject({ code: 250, lines: [''] });
  });

  it('knows an enhanced status code that every line has', () => {
    expect(takeReply('550-5.7.1 No\r\n550 5.7.1 really\r\n')?.enhanced).toBe('5.7.1');
    expect(takeReply('250 2.1.0\r\n')?.enhanced).toBe('2.1.0');
    expect(takeReply('550-5.7.1 No\r\n550 really\r\n')?.enhanced).toBeUndefined();
    expect(takeReply('550-5.7.1 No\r\n550 5.7.2 really\r\n')?.enhanced).toBeUndefined();
    expect(takeReply('550-5.7.1 No\r\n550 5.7.10 really\r\n')?.enhanced).toBeUndefined();
    expect(takeReply('220 3.1.4 is pi\r\n')?.enhanced).toBeUndefined();
  });

  it.each(['250 OK\n', '250 a\rb\r\n', 'OK\r\n', '250_OK\r\n', '99 OK\r\n', '250-a\r\n\r\n'])('refuses %j', (text) => {
    expect(() => takeReply(text)).toThrow(/^no line of a reply: /);
  });

  it('refuses a code that changes', () => {
    expect(() => takeReply('250-a\r\n251 b\r\n')).toThrow('a reply that begins with 250 goes on with 251');
  });
});
