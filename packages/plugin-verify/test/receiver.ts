import { Clock, createServer, Identity, Log, replies, type Server } from '@maitred/core';
import { enhancedStatusCodes, eightBitMime, smtpUtf8 } from '@maitred/plugin-esmtp';
import { fakeClock, memoryLog, type FakeClock, type MemoryLog } from '@maitred/testing';
import {
  verify,
  type Expansion,
  type RecipientDirectory,
  type Verification,
  type VerifyOptions,
} from '../src/index.ts';

/** A server with `verify` and a directory that counts who asks. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  /** What was looked up, in order. */
  readonly asked: readonly string[];
}

const ann = { name: 'Ann Other', mailbox: 'ann@mx.example' };
const jorg = { name: 'Jörg', mailbox: 'jörg@mx.example' };

const people: Readonly<Record<string, Verification>> = {
  ann: { is: 'mailbox', entry: ann },
  'ann@mx.example': { is: 'mailbox', entry: ann },
  'Ann Other': { is: 'mailbox', entry: ann },
  jörg: { is: 'mailbox', entry: jorg },
  away: { is: 'forwarded', entry: { mailbox: 'away@elsewhere.example' } },
  gone: { is: 'moved', entry: { mailbox: 'gone@elsewhere.example' } },
  smith: { is: 'ambiguous', entries: [ann, { mailbox: 'bob@mx.example' }] },
  staff: { is: 'list' },
  'a@elsewhere.example': { is: 'undecided' },
};

const lists: Readonly<Record<string, Expansion>> = {
  staff: { is: 'list', entries: [ann, { mailbox: 'bob@mx.example' }] },
  world: { is: 'list', entries: [ann, jorg] },
  crowd: { is: 'list', entries: Array.from({ length: 101 }, () => ann) },
  ann: { is: 'mailbox' },
};

export function receiver(options: Omit<VerifyOptions, 'directory'> = {}): Receiver {
  const asked: string[] = [];
  const note = (name: string): void => {
    asked.push(name);
    if (name === 'broken') throw new Error('the directory is on fire');
  };
  const directory: RecipientDirectory = {
    verify: async ({ name }) => {
      note(name);
      return people[name] ?? { is: 'unknown' };
    },
    expand: async ({ name }) => {
      note(name);
      return lists[name] ?? { is: 'unknown' };
    },
  };
  const [clock, log] = [fakeClock(), memoryLog()];
  const server = createServer({
    hostname: 'mx.example',
    limits: { idleCommands: 1000, errors: 1000, errorsSlowed: 1000 },
  })
    .override(Clock, clock)
    .override(Log, log)
    .use(enhancedStatusCodes(), eightBitMime(), smtpUtf8(), verify({ directory, ...options }))
    .use({
      name: 'login',
      provides: [Identity],
      verbs: {
        LOGIN: {
          handle: async (verb) => {
            verb.set(Identity, { id: verb.args, by: 'LOGIN' });
            return replies.ok;
          },
        },
      },
    })
    .accept(() => true);
  return { server, clock, log, asked, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}
