import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { authenticate } from 'mailauth';
import { answersOf } from '../verified/zone.ts';

/** What mailauth did in a while. */
export interface Authenticated {
  readonly messages: number;
  readonly milliseconds: number;
  /** User and system time, in microseconds. */
  readonly cpu: number;
}

const { values } = parseArgs({
  options: { zone: { type: 'string', default: '' }, message: { type: 'string', default: '' } },
});
const message = readFileSync(values.message);
const resolver = answersOf(values.zone);

/** One after another, of a message that lies in memory: nobody has to be waited for. */
async function authenticated(milliseconds: number): Promise<Authenticated> {
  const before = process.cpuUsage();
  const began = performance.now();
  let messages = 0;
  while (messages === 0 || performance.now() < began + milliseconds) {
    const { spf, dkim, arc, dmarc } = await authenticate(message, {
      ip: '127.0.0.1',
      helo: 'client.example.org',
      sender: 'sender@example.org',
      mta: 'mx.example.com',
      resolver,
      strict: true,
      disableBimi: true,
    });
    const words = [spf, dkim.results[0], arc, dmarc].map((one) => (one ? one.status.result : 'nothing'));
    if (words.some((word) => word !== 'pass')) throw new Error(`not verified: ${words.join(', ')}`);
    messages += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return { messages, milliseconds: performance.now() - began, cpu: user + system };
}

async function answer(milliseconds: number): Promise<void> {
  const done = await authenticated(milliseconds);
  process.send?.(done);
}

// What it rejects with ends the process: there is no figure then.
process.on('message', (milliseconds: number) => void answer(milliseconds));
process.on('disconnect', () => process.exit(0));
process.send?.({ port: 0 });
