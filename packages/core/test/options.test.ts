import { inMemory, overTcp } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { createServer, replies, stage } from '../src/index.ts';
import type { ServerOptions, Session, Stage } from '../src/index.ts';
import { mailbox } from './kit.ts';

/** As a JavaScript application may write them: with settings that are missing, or misspelled. */
const sloppy = (options: object): Partial<ServerOptions> => options;

describe.each([inMemory, overTcp])('an option, $name', ({ open }) => {
  it('that is undefined leaves its default: limits', async () => {
    const { server } = mailbox(sloppy({ limits: { commandLine: undefined, errors: undefined, recipients: 2 } }));
    const client = await open(server);
    await client.hello();
    expect(await client.command(`NOOP ${'x'.repeat(2042)}`)).toMatchObject({ code: 500 });
    await client.command('MAIL FROM:<a@client.example>');
    for (const code of [250, 250, 452]) expect(await client.command('RCPT TO:<b@mx.example>')).toMatchObject({ code });
  });

  it('that is undefined leaves its default: deadlines', async () => {
    const { server, clock } = mailbox(
      sloppy({ deadlines: { command: undefined, stage: undefined, stages: { commit: undefined }, session: 1e9 } }),
    );
    const client = await open(server);
    await client.hello();
    await clock.advance(299_000);
    expect(await client.command('NOOP')).toMatchObject({ code: 250 });
    await clock.advance(300_000);
    expect(await client.reply()).toMatchObject({ code: 421 });
  });

  it('that is undefined leaves its default: what is ignored, what is said', async () => {
    const { server } = mailbox(
      sloppy({ ignoredParameters: { MAIL: undefined, RCPT: ['X'] }, replies: { help: undefined } }),
    );
    const client = await open(server);
    await client.hello();
    expect(await client.command('HELP')).toMatchObject({ code: 214 });
    expect(await client.command('MAIL FROM:<a@client.example> AUTH=<>')).toMatchObject({ code: 250 });
    expect(await client.command('RCPT TO:<b@mx.example> X=1')).toMatchObject({ code: 250 });
  });

  it('that is misspelled makes the server no more lenient', async () => {
    const { server, kept } = mailbox(sloppy({ bareLineEndings: 'Convert', talkingAhead: 'yes' }));
    const client = await open(server);
    await client.hello();
    expect(await client.mail({ content: 'one\n.\ntwo\r\n' })).toMatchObject({ code: 554, enhanced: '5.6.0' });
    client.send('EHLO client.example\r\nNOOP\r\n');
    expect(await client.reply()).toMatchObject({ code: 554, enhanced: '5.5.0' });
    expect(kept).toEqual([]);
  });
});

const Check: Stage<Session> = stage('check', () => replies.ok);

describe('a server with an option that is wrong', () => {
  const limits =
    'commandLine, recipients, messages, errorsSlowed, errors, idleCommands, connections, connectionsPerAddress, header, headerField, hops, textLine';

  it.each([
    [{ limits: { recipients: Number.NaN } }, 'limits.recipients is NaN'],
    [{ limits: { errors: -1 } }, 'limits.errors is -1'],
    [{ limits: { connections: '5' } }, 'limits.connections is 5'],
    [{ limits: { messages: null } }, 'limits.messages is null'],
    [{ deadlines: { command: '5m' } }, 'deadlines.command is 5m'],
    [{ deadlines: { stage: Number.NaN } }, 'deadlines.stage is NaN'],
    [{ deadlines: { stages: { rcpt: Number.NaN } } }, 'deadlines.stages.rcpt is NaN'],
  ])('does not start: %j', (options, words) => {
    const start = (): unknown => createServer({ hostname: 'mx.example', ...(options as object) }).describe();
    expect(start).toThrow(`${words}: give a number that is not negative, or Infinity`);
  });

  it.each([
    [{ limits: { recipient: 5 } }, `limits has no recipient: it has ${limits}`],
    [{ deadlines: { comand: 5 } }, 'deadlines has no comand: it has command, dataBlock,'],
    [
      { deadlines: { stages: { rcptt: 5 } } },
      'deadlines.stages has no rcptt: it has command, connect, helo, mail, rcpt,',
    ],
    [{ replies: { acepted: () => undefined } }, 'replies has no acepted: it has greeting, accepted,'],
    [{ size: 5 }, 'createServer has no size: it has hostname, replies, limits,'],
  ])('does not start: %j', (options, words) => {
    expect(() => createServer({ hostname: 'mx.example', ...(options as object) }).describe()).toThrow(words);
  });

  it('starts with a deadline for a stage that a plugin declares', () => {
    const server = createServer({ hostname: 'mx.example', deadlines: { stages: { check: 5 } as object } });
    expect(server.use({ name: 'check', provides: [Check] }).describe().plugins).toContain('check');
  });
});
