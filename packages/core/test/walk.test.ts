import { fc } from '@fast-check/vitest';
import { inMemory } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { replies } from '../src/index.ts';
import { mailbox } from './kit.ts';

/** What a server has to know of a session to answer as RFC 5321 4.1.4 has it. */
interface Model {
  greeted: boolean;
  sender: string | undefined;
  recipients: string[];
  readonly kept: { readonly sender: string; readonly recipients: readonly string[] }[];
}

/** A command line, and what it is answered and changes. */
type Step = readonly [line: string, code: (model: Model) => number];

function forget(model: Model): void {
  model.sender = undefined;
  model.recipients = [];
}

const greets = (model: Model): number => {
  model.greeted = true;
  forget(model);
  return 250;
};

const steps: readonly Step[] = [
  ['EHLO client.example', greets],
  ['HELO client.example', greets],
  ['EHLO', () => 501],
  ...['a', 'b'].map((name): Step => [
    `MAIL FROM:<${name}@client.example>`,
    (model) => {
      if (!model.greeted || model.sender !== undefined) return 503;
      model.sender = `${name}@client.example`;
      return 250;
    },
  ]),
  ['MAIL FROM:', ({ greeted, sender }) => (!greeted || sender !== undefined ? 503 : 501)],
  ...['c', 'd'].map((name): Step => [
    `RCPT TO:<${name}@mx.example>`,
    (model) => {
      if (model.sender === undefined) return 503;
      model.recipients.push(`${name}@mx.example`);
      return 250;
    },
  ]),
  ['RCPT TO:<nobody@mx.example>', ({ sender }) => (sender === undefined ? 503 : 550)],
  ['DATA', ({ sender, recipients }) => (sender === undefined ? 503 : recipients.length > 0 ? 354 : 554)],
  ['DATA x', ({ sender }) => (sender === undefined ? 503 : 501)],
  [
    'RSET',
    (model) => {
      forget(model);
      return 250;
    },
  ],
  ['NOOP', () => 250],
  ['VRFY c', () => 252],
  ['BOGUS', () => 500],
];

const nobody = replies.of(550, '5.1.1', 'No such user');

describe('a session', () => {
  it('is answered as its state wants it, in whatever order its commands come', { timeout: 30_000 }, async () => {
    const { server, kept } = mailbox({ limits: { errors: 1e6, errorsSlowed: 1e6, idleCommands: 1e6 } });
    server.on('rcpt', async ({ recipient }, next) => (recipient.path.local === 'nobody' ? nobody : next()));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 40 }), async (walk) => {
        const model: Model = { greeted: false, sender: undefined, recipients: [], kept: [] };
        kept.length = 0;
        const client = await inMemory.open(server);
        await client.reply();
        const said = [];
        const expected = [];
        for (const [line, answer] of walk) {
          expected.push([line, answer(model)]);
          const { code } = await client.command(line);
          said.push([line, code]);
          if (code !== 354) continue;
          expect(await client.command('.')).toMatchObject({ code: 250 });
          model.kept.push({ sender: model.sender ?? '', recipients: model.recipients });
          forget(model);
        }
        await client.command('QUIT');
        expect(said).toEqual(expected);
        expect(kept.map(({ sender, recipients }) => ({ sender, recipients }))).toEqual(model.kept);
      }),
      { numRuns: 300 },
    );
  });
});
