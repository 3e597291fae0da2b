import { ways, selfSigned } from '@maitred/testing';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { replies } from '../src/index.ts';
import type { Powers } from '../src/index.ts';
import { mailbox } from './kit.ts';

const tls = selfSigned();

/** What an effect begins and doesn't wait for; each fails. */
const begun: Record<string, (powers: Powers) => Promise<void>> = {
  'a handshake': (powers) => powers.upgrade(tls),
  'a loan of the socket': (powers) => powers.takeOver(() => Promise.reject(new Error('on purpose, in a loan'))),
};

/** What it does meanwhile. */
const meanwhile: Record<string, () => Promise<void>> = {
  throws: () => Promise.reject(new Error('on purpose, meanwhile')),
  'is at work': async () => {
    for (let n = 0; n < 50; n += 1) await turn();
  },
};

const cases = Object.keys(begun).flatMap((what) => Object.keys(meanwhile).map((does) => [what, does] as const));

describe.each(ways)('an effect, $name', ({ open }) => {
  it.each(cases)(
    'that begins %s, which fails while it %s, ends its connection and nothing else',
    async (what, does) => {
      const unheard: unknown[] = [];
      const hear = (reason: unknown): void => void unheard.push(reason);
      process.on('unhandledRejection', hear);
      onTestFinished(() => void process.off('unhandledRejection', hear));
      const { server, kept } = mailbox();
      server.use({
        name: 'hasty',
        verbs: {
          XTRY: {
            handle: (verb) => {
              verb.after((powers) => {
                void begun[what]?.(powers);
                return meanwhile[does]?.();
              });
              return replies.ok;
            },
          },
        },
      });
      const client = await open(server);
      await client.hello();
      expect(await client.command('XTRY')).toMatchObject({ code: 250 });
      client.send('no handshake'.repeat(10));
      client.end();
      await client.closed();
      const next = await open(server);
      await next.hello();
      expect(await next.mail()).toMatchObject({ code: 250 });
      expect(kept).toHaveLength(1);
      expect(unheard).toEqual([]);
    },
  );
});
