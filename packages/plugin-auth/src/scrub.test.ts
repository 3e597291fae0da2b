import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrubbed } from './scrub.ts';

const message = Buffer.from('\0ann\0tr0ub4dor&3');

describe('an error that is logged', () => {
  it('holds nothing that the client sent, in whatever form', () => {
    const password = 'tr0ub4dor&3';
    const octets = Buffer.from(password);
    const forms = [
      password,
      octets.toString('base64'),
      octets.toString('hex'),
      encodeURIComponent(password),
      message.toString('base64'),
    ];
    const error = Object.assign(new Error(`bind of uid=ann failed: ${forms.join(' ')}`, { cause: { password } }), {
      request: { password },
      code: 'EBIND',
    });
    const shown = inspect(scrubbed(error, [message]), { depth: 10 });
    for (const form of forms) expect(shown).not.toContain(form);
    expect(shown).toContain('bind of uid=[redacted] failed');
    expect(shown).toContain("code: 'EBIND'");
  });

  it('is otherwise what it was', () => {
    const error = new TypeError('connect ECONNREFUSED 127.0.0.1:389');
    expect(scrubbed(error, [message])).toMatchObject({ name: 'TypeError', message: error.message, stack: error.stack });
  });

  it.each([undefined, null, 'tr0ub4dor&3', 42, { password: 'tr0ub4dor&3' }])('may be no error: %j', (thrown) => {
    const safe = scrubbed(thrown, [message]);
    expect(safe).toBeInstanceOf(Error);
    expect(inspect(safe)).not.toContain('tr0ub4dor');
  });

  it.each(['ab,cd', ' , ', ',,,', 'a b,c'])('knows %j for one password', (password) => {
    const error = new Error(`bind with (${password}) failed`);
    expect(scrubbed(error, [Buffer.from(`\0ann\0${password}`)]).message).toBe('bind with ([redacted]) failed');
  });

  it('leaves no secret of three characters or more', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 3, maxLength: 20 })
      .filter((each) => !/[\0\x01]/.test(each));
    fc.assert(
      fc.property(secret, secret, (password, text) => {
        const safe = scrubbed(new Error(`${text}${password}${text}`), [Buffer.from(`\0ann\0${password}`)]);
        if (!'[redacted]Error'.includes(password)) expect(safe.message).not.toContain(password);
      }),
    );
  });
});
