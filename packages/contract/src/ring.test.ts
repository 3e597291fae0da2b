import { replies, stage, on, type Command, type Plugin, type Session, type Stage } from '@maitred/core';
import { inMemory, script, ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { receiver } from './receiver.ts';

/** A ring that notes what it sees, and what the innermost layer said. */
function witness(seen: string[], commands: Command[] = []): Plugin {
  return {
    name: 'witness',
    stages: {
      command: async (ctx, next) => {
        commands.push(ctx.command);
        const { verb, args, known } = ctx.command;
        const { code } = await next();
        seen.push(`${verb}|${args.slice(0, 10)}|${known} ${code}`);
        return replies.of(code >= 400 ? 599 : 299, undefined, 'as the ring says');
      },
    },
  };
}

describe.each(ways)('the ring, $name', ({ open }) => {
  it('is around every line, also what is unknown, refused or too long', async () => {
    const seen: string[] = [];
    await using rig = receiver(witness(seen));
    const client = await open(rig.server);
    await script(
      client,
      `S: 220
       C: ehlo client.example
       S: 299 as the ring says
       C: WHAT is this
       S: 599
       C: MAIL FROM:oops
       S: 599
       C: NOOP ${'x'.repeat(3000)}
       S: 599
       C: ${'x'.repeat(30_000)}
       S: 599
       C: NOOP
       S: 299`,
    );
    expect(seen).toEqual([
      'EHLO|client.exa|true 250',
      'WHAT|is this|false 500',
      'MAIL|FROM:oops|true 501',
      expect.stringMatching(/500$/),
      '||false 500',
      'NOOP||true 250',
    ]);
  });

  it('sees a refused client’s commands too', async () => {
    const seen: string[] = [];
    await using rig = receiver([
      witness(seen),
      { name: 'no', stages: { connect: async () => replies.of(554, undefined, 'No') } },
    ]);
    const client = await open(rig.server);
    await script(client, 'S: 554\nC: EHLO x\nS: 599\nC: QUIT\nS: 299');
    expect(seen).toEqual(['EHLO|x|true 503', 'QUIT||true 221']);
  });
});

describe('the facts of a declared stage', () => {
  interface Facts extends Session {
    readonly content: string;
    readonly recipient: string;
    readonly cause: number;
  }
  const Declared: Stage<Facts> = stage('declared', ({ content, recipient, cause }) =>
    replies.of(250, undefined, `${content} ${recipient} ${cause}`),
  );

  it('may have names that contexts of other stages use', async () => {
    const seen: unknown[] = [];
    const declares: Plugin = {
      name: 'declares',
      provides: [Declared],
      verbs: { DECLARE: { handle: (verb) => verb.run(Declared, { content: 'a', recipient: 'b', cause: 1 }) } },
      on: [on(Declared, async (ctx, next) => (seen.push(ctx.content, ctx.recipient, ctx.cause), next()))],
    };
    await using rig = receiver(declares);
    const client = await inMemory.open(rig.server);
    await script(client, 'S: 220\nC: DECLARE\nS: 250 a b 1');
    expect(seen).toEqual(['a', 'b', 1]);
  });
});
