import { inMemory } from '@maitred/testing';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ContentStore, service, spool } from '../src/index.ts';
import type { Content } from '../src/index.ts';
import { lines, mailbox } from './kit.ts';

/** Where content lies while it is used. */
export const places = [
  { where: 'in memory', memory: 1_000_000 },
  { where: 'in a file', memory: 16 },
];

/** A folder in memory, where Linux has one: on no disk's device. */
export const elsewhere = '/dev/shm';
/** Whether it is there, and temporary files are on a disk. */
export const onDisk: boolean = existsSync(elsewhere) && statSync(elsewhere).dev !== statSync(tmpdir()).dev;

/** A message with folds, and with fields of one name. */
export const message: string = lines(
  'Subject: one',
  'X-Spam: no',
  ' at all',
  'To: b@mx.example',
  'x-spam: perhaps',
  '',
  'Hello,',
  '',
  'x',
);

/** What `use` makes of the content of a mail that was sent as it stands. */
export async function contentOf<T>(sent: string, memory: number, use: (content: Content) => Promise<T>): Promise<T> {
  const { server } = mailbox();
  const store = service({ token: ContentStore, override: true, create: () => spool({ memory }) });
  server.use({ name: 'spool', services: [store] });
  const used = new Promise<T>((resolve, reject) => {
    server.deliver(({ content }) => use(content).then(resolve, reject));
  });
  used.catch(() => {}); // awaited below, when the client has been answered
  const client = await inMemory.open(server);
  await client.hello();
  await client.mail({ content: sent });
  return used;
}

/** All of it, as latin1. */
export const textOf = async (content: Content): Promise<string> => (await content.bytes(10_000)).toString('latin1');
