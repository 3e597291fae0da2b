import { replies, type BodyContext, type Plugin, type Tap } from '@maitred/core';
import { inMemory, script, ways, type Client } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { bdat } from './bdat.ts';
import { inbox, type Receiver } from './receiver.ts';
import { fails, hangs } from './sinks.ts';

const no = replies.of(550, '5.7.1', 'No');

/** A tap that notes what it is told, and then does what it's told. */
function tap(name: string, noted: string[], acts: Partial<Tap> = {}): Plugin {
  return {
    name,
    stages: {
      body: () => ({
        write: (chunk) => {
          noted.push(`${name} write`);
          return acts.write?.(chunk);
        },
        end: () => {
          noted.push(`${name} end`);
          return acts.end?.();
        },
        abort: (cause) => {
          noted.push(`${name} abort`);
          acts.abort?.(cause);
        },
      }),
    },
  };
}

async function send(client: Client): Promise<string> {
  await client.hello();
  await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250\nC: DATA');
  const { code } = await client.reply();
  if (code !== 354) return String(code);
  client.send('Subject: x\r\n.\r\n');
  return String((await client.reply()).code);
}

/** What one tap was told, the pieces of content as one. */
const toldOf = (name: string, noted: readonly string[]): string[] =>
  noted.filter((each, at) => each.startsWith(name) && (!each.endsWith('write') || noted.indexOf(each) === at));

const named = ({ log }: Receiver): unknown[] => log.records.map(({ fields }) => fields['plugin']);

describe.each(ways)('taps, $name', ({ open }) => {
  it('are told of the end in their order, once', async () => {
    const noted: string[] = [];
    await using rig = inbox([tap('one', noted), tap('two', noted)]);
    expect(await send(await open(rig.server))).toBe('250');
    expect(toldOf('', noted)).toEqual(['one write', 'two write', 'one end', 'two end']);
  });

  it.each<[string, Partial<Tap>, readonly string[]]>([
    ['write', { write: fails }, ['two write', 'two abort']],
    ['end', { end: fails }, ['two write', 'two end']],
  ])('are told of no end when one of them fails in %s; abort comes once, and never after end', async (_, acts, its) => {
    const noted: string[] = [];
    await using rig = inbox([tap('one', noted), tap('two', noted, acts), tap('three', noted)]);
    expect(await send(await open(rig.server))).toBe('451');
    expect(toldOf('one', noted)).toEqual(
      its.includes('two end') ? ['one write', 'one end'] : ['one write', 'one abort'],
    );
    expect(toldOf('two', noted)).toEqual(its);
    expect(toldOf('three', noted).filter((each) => each !== 'three write')).toEqual(['three abort']);
    expect(noted.filter((each) => each === 'three abort')).toHaveLength(1);
    expect(named(rig)).toEqual(['two']);
  });

  it('that were made before another hook refused hear of it, and no more are made', async () => {
    const noted: string[] = [];
    const refuses: Plugin = {
      name: 'refuses',
      stages: {
        body: (ctx) => {
          ctx.refuse(no);
          return undefined;
        },
      },
    };
    await using rig = inbox([tap('one', noted), refuses, tap('two', noted)]);
    expect(await send(await open(rig.server))).toBe('550');
    expect(noted).toEqual(['one abort']);
  });

  it.each([
    ['RSET', 250],
    ['EHLO client.example', 250],
    ['QUIT', 221],
  ])('are told of %s between chunks', async (line, code) => {
    const noted: string[] = [];
    await using rig = inbox([bdat(), tap('one', noted)]);
    const client = await open(rig.server);
    await client.hello();
    await script(client, 'C: MAIL FROM:<a@client.example>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250');
    await script(client, `C: BDAT 3\nC: x\nS: 250\nC: ${line}\nS: ${code}`);
    if (code === 221) await rig[Symbol.asyncDispose]();
    expect(toldOf('one', noted)).toEqual(['one write', 'one abort']);
  });

  it('can’t refuse any more once all have heard of the end: the sinks are at work on the content', async () => {
    let held: BodyContext | undefined;
    const late: Plugin = {
      name: 'late',
      stages: {
        body: (ctx) => {
          held = ctx;
          return undefined;
        },
        deliver: () => {
          held?.refuse(no);
          return undefined;
        },
      },
    };
    await using rig = inbox(late);
    expect(await send(await open(rig.server))).toBe('250');
    expect(rig.kept).toMatchObject([{ content: 'Subject: x\r\n' }]);
    expect(rig.log.records).toMatchObject([{ level: 'error', fields: { stage: 'body' } }]);
  });

  it('may refuse with a reply that closes: the rest is not read', async () => {
    const closing: Plugin = {
      name: 'closing',
      stages: {
        body: (ctx) => ({ write: () => ctx.refuse(replies.closing(replies.of(552, '5.3.4', 'Far too big'))) }),
      },
    };
    await using rig = inbox(closing);
    const client = await open(rig.server);
    await client.hello();
    await script(
      client,
      'C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@server.example>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\nS: 552',
    );
    expect(await client.closed()).toBe('');
  });
});

describe('a tap that hangs', () => {
  it.each<[string, Partial<Tap>]>([
    ['write', { write: hangs }],
    ['end', { end: hangs }],
  ])('in %s is named, and not its neighbours', async (_, acts) => {
    const noted: string[] = [];
    const slow: Partial<Tap> = { write: () => rig.clock.sleep(10), end: () => rig.clock.sleep(10) };
    await using rig: Receiver = inbox([tap('one', noted, slow), tap('two', noted, acts), tap('three', noted, slow)]);
    const sent = send(await inMemory.open(rig.server));
    await Promise.race([sent, rig.clock.advance(60_000)]);
    expect(await sent).toBe('451');
    expect(named(rig)).toEqual(['two']);
    expect(noted).toContain('three abort');
  });
});
