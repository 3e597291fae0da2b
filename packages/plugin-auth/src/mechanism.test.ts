import { SmtpError, replies } from '@maitred/core';
import { script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { base64, house } from '../test/house.ts';
import type { Exchange, Mechanism, Outcome } from './mechanism.ts';

/** One as anybody may write it: the client says back what it was told. */
class Echo implements Mechanism {
  readonly name = 'X-ECHO';
  readonly serverFirst = true;
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }

  offered(): boolean {
    return this.word !== '';
  }

  async authenticate({ ask, claims }: Exchange): Promise<Outcome> {
    claims('echo');
    return (await ask(this.word)).toString() === this.word ? { identity: this.word } : 'refused';
  }
}

/** One that does what a test says. */
const doing = (authenticate: Mechanism['authenticate']): Mechanism => ({ name: 'X-TEST', authenticate });

describe.each(ways)('a mechanism of one’s own $name', { timeout: 30_000 }, ({ open }) => {
  it('is spoken like those that are here', async () => {
    const client = await open(house({ mechanisms: [new Echo('hello')] }).server);
    expect((await client.hello()).lines.at(-1)).toBe('AUTH X-ECHO');
    await script(
      client,
      `C: AUTH X-ECHO ${base64('hello')}
       S: 501 5.7.0 This mechanism has no initial response
       C: AUTH X-ECHO
       S: 334 ${base64('hello')}
       C: ${base64('goodbye')}
       S: 535
       C: AUTH X-ECHO
       S: 334
       C: ${base64('hello')}
       S: 235
       C: WHO
       S: 250 hello by X-ECHO`,
    );
  });

  it('is not offered where it says so', async () => {
    const client = await open(house({ mechanisms: [new Echo('')] }).server);
    expect((await client.hello()).text).not.toContain('AUTH');
    expect(await client.command('AUTH X-ECHO')).toMatchObject({ code: 504 });
  });

  it('may have challenges as long as responses', async () => {
    const challenge = 'x'.repeat(9000);
    const client = await open(house({ mechanisms: [new Echo(challenge)] }).server);
    await client.hello();
    expect(await client.command('AUTH X-ECHO')).toMatchObject({ code: 334, lines: [base64(challenge)] });
    expect(await client.command(base64(challenge))).toMatchObject({ code: 235 });
  });

  it('that fails is a temporary failure, and the log has the cause without what the client sent', async () => {
    const failing = doing(async ({ ask }) => {
      throw new Error(`no idea what ${(await ask()).toString()} is`);
    });
    const { server, log } = house({ mechanisms: [failing], withoutTls: true });
    const client = await open(server);
    await client.hello();
    expect(await client.command(`AUTH X-TEST ${base64('hunter2')}`)).toMatchObject({ code: 454, enhanced: '4.7.0' });
    expect(await client.command('WHO')).toMatchObject({ text: 'nobody' });
    const [, record] = log.records;
    expect(record).toMatchObject({ level: 'error', message: 'authentication could not be decided' });
    expect(String(record?.fields['err'])).toBe('Error: no idea what [redacted] is');
  });

  it('proves nothing in an exchange that was cancelled, whatever it makes of that', async () => {
    const stubborn = doing(async ({ ask }) => {
      await ask().catch(() => {});
      return { identity: 'ann' };
    });
    const client = await open(house({ mechanisms: [stubborn] }).server);
    await client.hello();
    await script(
      client,
      `C: AUTH X-TEST
       S: 334
       C: *
       S: 501 5.7.0 Authentication cancelled
       C: WHO
       S: 250 nobody`,
    );
  });

  it('answers as it likes with an error that is a reply', async () => {
    const weak = doing(async () => {
      throw new SmtpError(replies.of(534, '5.7.9', 'Authentication mechanism is too weak'));
    });
    const client = await open(house({ mechanisms: [weak] }).server);
    await client.hello();
    expect(await client.command('AUTH X-TEST')).toMatchObject({ code: 534, enhanced: '5.7.9' });
  });

  it('cannot make somebody whose name can’t be one', async () => {
    const outcomes: Outcome[] = [
      { identity: 'ann', actAs: '\0' },
      { identity: 'ann', actAs: 'eve' },
    ];
    const client = await open(house({ mechanisms: [doing(async () => outcomes.shift() ?? 'refused')] }).server);
    await client.hello();
    expect(await client.command('AUTH X-TEST')).toMatchObject({ code: 535 });
    expect(await client.command('AUTH X-TEST')).toMatchObject({ code: 535 });
  });
});
