import { ContentStore, service, spool, type Plugin, type Storage } from '@maitred/core';
import type { Client, Way } from '@maitred/testing';
import { auth, Passwords } from './auth.ts';
import { Culprit, secret, type Wrong } from './misbehaviour.ts';
import { inbox, type Receiver } from './receiver.ts';

/** A session, step by step. */
const steps = {
  greeting: '',
  EHLO: 'EHLO client.example\r\n',
  AUTH: `AUTH PLAIN ${Buffer.from('\0bob\0bob').toString('base64')}\r\n`,
  /** A verb of the culprit's. */
  CULPRIT: 'CULPRIT 6\r\nQUIT\r\n',
  MAIL: 'MAIL FROM:<a@client.example> CULPRIT\r\n',
  RCPT: 'RCPT TO:<b@server.example>\r\n',
  DATA: 'DATA\r\n',
  dot: 'Subject: x\r\n\r\nText\r\n.\r\n',
  QUIT: 'QUIT\r\n',
} as const;

/** Where in it something shows. */
export type Step = keyof typeof steps;

const before: Readonly<Record<Step, readonly Step[]>> = {
  greeting: [],
  EHLO: ['greeting'],
  AUTH: ['greeting', 'EHLO'],
  CULPRIT: ['greeting', 'EHLO'],
  MAIL: ['greeting', 'EHLO'],
  RCPT: ['greeting', 'EHLO', 'MAIL'],
  DATA: ['greeting', 'EHLO', 'MAIL', 'RCPT'],
  dot: ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'],
  QUIT: ['greeting', 'EHLO'],
};

/** What a misbehaviour came to. */
export interface Seen {
  /** What the client read at that step: code and text, or nothing before the end. */
  readonly reply: string;
  /** What it read after the command that follows. */
  readonly next: string;
  /** The plugins that errors were logged of. */
  readonly named: readonly string[];
  /** Whether anything of the culprit's error reached the client. */
  readonly leaked: boolean;
  /** Messages of this session that were kept. */
  readonly kept: number;
  /** What the next client read after its mail. */
  readonly other: string;
  /** Contents that nobody freed. */
  readonly open: number;
}

/** A store that knows what of it is in use. */
function counted(open: Set<Storage>): ContentStore {
  const store = spool();
  return {
    open: (id) => {
      const storage = store.open(id);
      open.add(storage);
      const dispose = storage.dispose.bind(storage);
      return Object.assign(storage, {
        dispose: () => {
          open.delete(storage);
          return dispose();
        },
      });
    },
  };
}

/** Lets a plugin do wrong once, at a step of a session, and looks what becomes of the client and of the one after it. */
export async function provoke(
  { open: connect }: Way,
  at: Step,
  plugin: (culprit: Culprit, wrong: Wrong) => readonly Plugin[],
  wrong: Wrong,
): Promise<Seen> {
  const culprit = new Culprit();
  const bob: Plugin = {
    name: 'bob',
    services: [service({ token: Passwords, create: () => ({ right: async () => true }) })],
  };
  await using rig = inbox([auth(), bob, plugin(culprit, wrong)], { ignoredParameters: { MAIL: ['CULPRIT'] } });
  const open = new Set<Storage>();
  rig.server.override(ContentStore, counted(open));
  if (at === 'greeting') culprit.armed = true;
  const client = await connect(rig.server);
  await upTo(at, client);
  if (at !== 'greeting') culprit.armed = true;
  client.send(steps[at]);
  await culprit.caught;
  const reply = await answered(rig, client);
  client.send('NOOP\r\n');
  const next = await answered(rig, client);
  client.send('QUIT\r\n');
  await answered(rig, client);
  const kept = rig.kept.length;
  const other = await connect(rig.server);
  await upTo('dot', other);
  other.send(steps.dot);
  const named = rig.log.records.filter(({ level }) => level === 'error').map(({ fields }) => String(fields['plugin']));
  const leaked = client.transcript.includes(secret);
  const said = await answered(rig, other);
  await rig[Symbol.asyncDispose]();
  return { reply, next, named: [...new Set(named)], leaked, kept, other: said, open: open.size };
}

/** Runs the session up to a step, all of it well. */
async function upTo(at: Step, client: Client): Promise<void> {
  for (const step of before[at]) {
    client.send(steps[step]);
    const { code, text } = await client.reply();
    if (code >= 400) throw new Error(`${step} was answered ${code} ${text}`);
  }
}

/** Lets time pass until the reply is there: whoever hangs has a deadline. */
async function answered({ clock }: Receiver, client: Client): Promise<string> {
  const told: string[] = [];
  const telling = client.reply().then(
    ({ code, text }) => void told.push(`${code} ${text}`),
    () => void told.push('closed'),
  );
  while (told.length === 0) await Promise.race([telling, clock.advance(10_000)]);
  return told.join('');
}
