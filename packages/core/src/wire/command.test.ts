import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { looksForeign, parseCommand } from './command.ts';

const parse = (line: string): ReturnType<typeof parseCommand> => parseCommand(Buffer.from(line));
const parseOctets = (line: string): ReturnType<typeof parseCommand> => parseCommand(Buffer.from(line, 'latin1'));

describe('parseCommand', () => {
  it('gives the verb in upper case, and what follows the first space', () => {
    expect(parse('mail FROM:<a@b> SIZE=1')).toEqual({ verb: 'MAIL', args: 'FROM:<a@b> SIZE=1' });
    expect(parse('X-eXpS a')).toEqual({ verb: 'X-EXPS', args: 'a' });
    expect(parse('NOOP  a')).toEqual({ verb: 'NOOP', args: ' a' });
  });

  it('allows a verb alone', () => {
    expect(parse('QUIT')).toEqual({ verb: 'QUIT', args: '' });
  });

  it('trims white space at the end', () => {
    expect(parse('QUIT \t ')).toEqual({ verb: 'QUIT', args: '' });
    expect(parse('HELO a\t')).toEqual({ verb: 'HELO', args: 'a' });
  });

  it.each(['', ' ', '\t', ' QUIT', '1QUIT', 'QUIT.', 'MÄIL', 'ſtarttls', '-X', 'MAIL\tFROM:<>'])(
    'refuses %j, which has no verb',
    (line) => {
      expect(parse(line)).toBe('syntax');
    },
  );

  it('refuses control characters wherever they are', () => {
    for (const octet of [...Array.from({ length: 0x20 }, (_, n) => n), 0x7f]) {
      const control = String.fromCharCode(octet);
      expect(parse(`NOOP a${control}b`)).toBe('syntax');
      expect(parse(`NO${control}OP`)).toBe('syntax');
      expect(parse(`NOOP é${control}b`)).toBe('syntax');
      if (octet !== 9) expect(parse(`NOOP a${control}`)).toBe('syntax');
    }
    expect(parse('NOOP \u0085')).toBe('syntax');
    expect(parse('NOOP a\u2028b')).toBe('syntax');
  });

  it('reads UTF-8 strictly', () => {
    expect(parse('VRFY jörg😀')).toEqual({ verb: 'VRFY', args: 'jörg😀' });
    const wrong = ['\xff', '\xc0\x80', '\xc1\xbf', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82', 'j\xf6rg', '\x80'];
    for (const octets of wrong) expect(parseOctets(`VRFY ${octets}`)).toBe('syntax');
  });

  it('never throws, and gives back nothing but text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        const command = parseCommand(Buffer.from(octets));
        if (command === 'syntax') return;
        expect(command.verb).toMatch(/^[A-Z][A-Z0-9-]*$/);
        expect(command.args).not.toMatch(/[\0-\x1f\x7f-\x9f\ud800-\udfff]|\s$/u);
      }),
    );
  });

  it('gives back what was written', () => {
    const verb = fc.stringMatching(/^[A-Z][A-Z0-9-]{0,9}$/);
    const args = fc.stringMatching(/^(?:[ -~¡-\u02ff]*[!-~¡-\u02ff])?$/);
    fc.assert(
      fc.property(verb, args, (verb, args) => {
        expect(parse(`${verb} ${args}`)).toEqual({ verb, args });
        expect(parse(`${verb.toLowerCase()} ${args}  `)).toEqual({ verb, args });
      }),
    );
  });

  it('reads a line of a million octets in linear time', () => {
    expect(parse(`NOOP ${' '.repeat(1_000_000)}`)).toEqual({ verb: 'NOOP', args: '' });
    expect(parse(`${'X'.repeat(1_000_000)}é`)).toBe('syntax');
    expect(parse(`NOOP ${' '.repeat(1_000_000)}x`)).not.toBe('syntax');
  });
});

/** What is said of a line as octets and as text alike. */
function both(line: string): boolean {
  const asText = looksForeign(line);
  expect(looksForeign(Buffer.from(line, 'latin1'))).toBe(asText);
  return asText;
}

describe('looksForeign', () => {
  it.each(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PATCH', 'PRI'])(
    'knows the HTTP method %s',
    (method) => {
      expect(both(`${method} / HTTP/1.1`)).toBe(true);
      expect(both(method.toLowerCase())).toBe(true);
      expect(both(`${method}X`)).toBe(false);
    },
  );

  it.each(['Host: x', 'Content-Type:text/plain', 'User-Agent: a', 'X:', '--boundary', '{"a":1}', '1', ' EHLO a', '\t'])(
    'knows %j',
    (line) => {
      expect(both(line)).toBe(true);
    },
  );

  it.each(['\x16\x03\x01', '\x80', '\xff\xfb', '\0', '\r'])('knows the octets %j', (line) => {
    expect(both(line)).toBe(true);
  });

  it.each([
    '',
    'MAIL FROM:<a@b>',
    'rcpt TO:<a@b>',
    'MAIL FROM: <>',
    'EHLO a',
    'QUIT',
    'VRFY a:b',
    'GETX',
    'X',
    'EHLO [IPv6:::1]',
  ])('lets %j pass', (line) => {
    expect(both(line)).toBe(false);
  });

  it('never throws, in linear time', () => {
    expect(both('x'.repeat(1_000_000))).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (octets) => {
        expect(typeof looksForeign(Buffer.from(octets))).toBe('boolean');
      }),
    );
  });
});
