import { ways } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { key, parameter, replies } from '../src/index.ts';
import type { Key, Plugin } from '../src/index.ts';
import { mailbox } from './kit.ts';

const Weight: Key<number, 'transaction'> = key('weight', 'transaction');
const Colour: Key<string, 'recipient'> = key('colour', 'recipient');

/** A keyword that is offered to some, with a verb and parameters behind it. */
const weighing: Plugin = {
  name: 'weighing',
  provides: [Weight, Colour],
  extensions: { XWEIGH: { when: ({ helo }) => helo !== 'light.example', args: () => ['10', 'kg'] } },
  verbs: { XSCALE: { extension: 'XWEIGH', handle: async () => replies.of(250, '2.0.0', 'Balanced') } },
  parameters: {
    MAIL: {
      XWEIGHT: parameter({
        extension: 'xweigh',
        key: Weight,
        octets: 14,
        parse: (value) => {
          if (value === 'explode') throw new Error('on purpose');
          return /^\d+$/.test(value ?? '') ? Number(value) : replies.of(501, '5.5.4', 'How heavy?');
        },
      }),
    },
    RCPT: { 'XCOLOUR=RED': parameter({ key: Colour, parse: () => 'red' }) },
  },
  accepts: {
    who: 'the scales',
    claim: (ctx) => {
      const said = `${ctx.get(Weight) ?? 'no'} kg, ${ctx.get(Colour) ?? 'any colour'}`;
      return replies.of(250, '2.1.5', said);
    },
  },
};

describe.each(ways)('an extension, $name', ({ open }) => {
  const met = async (hello: string): Promise<Awaited<ReturnType<typeof open>>> => {
    const { server } = mailbox();
    const client = await open(server.use(weighing));
    await client.reply();
    await client.command(hello);
    return client;
  };

  it('is in EHLO’s reply, with its arguments, behind the server’s name', async () => {
    const { server } = mailbox();
    const client = await open(server.use(weighing));
    await client.reply();
    expect((await client.command('EHLO client.example')).lines).toEqual(['mx.example', 'XWEIGH 10 kg']);
    expect((await client.command('EHLO light.example')).lines).toEqual(['mx.example']);
    expect((await client.command('HELO client.example')).lines).toEqual(['mx.example']);
  });

  it.each([
    ['EHLO client.example', 250, 250],
    ['EHLO light.example', 500, 555],
    ['HELO client.example', 500, 555],
  ])('lets its verb and its parameter in after %s as it was offered: %i, %i', async (hello, verb, mail) => {
    const client = await met(hello);
    expect((await client.command('XSCALE')).code).toBe(verb);
    expect((await client.command('MAIL FROM:<a@client.example> XWEIGHT=3')).code).toBe(mail);
  });

  it('goes by the last EHLO', async () => {
    const client = await met('EHLO client.example');
    await client.command('EHLO light.example');
    expect(await client.command('XSCALE')).toMatchObject({ code: 500 });
    await client.command('EHLO client.example');
    expect(await client.command('XSCALE')).toMatchObject({ code: 250 });
  });

  it('goes by the last EHLO that was not refused', async () => {
    const client = await met('EHLO client.example');
    expect(await client.command('EHLO <light.example>')).toMatchObject({ code: 501 });
    expect(await client.command('XSCALE')).toMatchObject({ code: 250 });
  });

  it.each([
    ['XWEIGHT=3', 250, '3 kg, any colour'],
    ['xweight=0003', 250, '3 kg, any colour'],
    ['XWEIGHT', 501, undefined],
    ['XWEIGHT=heavy', 501, undefined],
    ['XWEIGHT=3 XWEIGHT=4', 501, undefined],
    ['XWEIGHT=explode', 451, undefined],
    ['XWEIGHT=3 XOTHER=1', 555, undefined],
    ['', 250, 'no kg, any colour'],
  ])('has %j of MAIL parsed by its plugin: %i', async (parameters, code, said) => {
    const client = await met('EHLO client.example');
    expect((await client.command(`MAIL FROM:<a@client.example> ${parameters}`)).code).toBe(code);
    const rcpt = await client.command('RCPT TO:<b@mx.example>');
    if (said === undefined) expect(rcpt.code).toBe(503);
    else expect(rcpt).toMatchObject({ code: 250 });
  });

  it.each([
    ['XCOLOUR=RED', 250],
    ['xcolour=red', 250],
    ['XCOLOUR=BLUE', 555],
    ['XCOLOUR', 555],
    ['XWEIGHT=3', 555],
  ])('has %s of RCPT owned by value: %i', async (parameters, code) => {
    const client = await met('EHLO client.example');
    await client.command('MAIL FROM:<a@client.example>');
    expect((await client.command(`RCPT TO:<b@mx.example> ${parameters}`)).code).toBe(code);
  });
});

describe.each(ways)('a greeting that is refused, $name', ({ open }) => {
  it('leaves the session as it was', async () => {
    const { server } = mailbox();
    server.on('helo', async (ctx, next) => (ctx.helo === 'bad.example' ? replies.of(550, '5.7.1', 'Not you') : next()));
    const client = await open(server);
    await client.reply();
    expect(await client.command('EHLO bad.example')).toMatchObject({ code: 550 });
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 503 });
    await client.command('EHLO good.example');
    expect(await client.command('MAIL FROM:<a@client.example>')).toMatchObject({ code: 250 });
    expect(await client.command('EHLO bad.example')).toMatchObject({ code: 550 });
    expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code: 250 });
  });
});
