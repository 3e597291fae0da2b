import { timeToRefusal } from './auth.ts';
import { content } from './content.ts';
import { maitred, smtpServerAsShipped, type Field } from './field.ts';
import type { Row } from './figures.ts';
import { timeToGreeting } from './greeting.ts';
import { idleMemory } from './idle.ts';
import { peakMemory } from './peak.ts';
import type { Effort } from './rounds.ts';
import { script } from './script.ts';
import { throughput } from './throughput.ts';
import type { Traffic } from './throughput.ts';
import { longestBlock } from './verified/hostile.ts';
import { verifiedPeak } from './verified/peak.ts';
import { verifiedRate, type Verifying } from './verified/rate.ts';

/** One thing to measure; `--only` takes its name. */
export interface Case {
  readonly name: string;
  readonly title: string;
  measure(field: Field, effort: Effort): Promise<Row[]>;
}

const kibibyte = 1024;
const small = content(kibibyte);

function traffic(name: string, title: string, make: () => Traffic, target?: string): Case {
  const heading = { title, ...(target !== undefined && { target }) };
  return { name, title, measure: (field, effort) => throughput(heading, make(), field, effort) };
}

/** Ours beside mailauth itself. */
function verified(name: string, size: string, what: Verifying): Case {
  const title = `verified, ${size}, beside authenticate()`;
  return { name, title, measure: (_field, effort) => verifiedRate(title, what, effort) };
}

/** A connection per message. */
const each = (): Traffic => ({ script: script({ content: small }), connections: 64, perConnection: 1 });

/** The same beside the peer as people run it, which waits before it greets. */
function asShipped(effort: Effort): Promise<Row[]> {
  const among = { contestants: [maitred, smtpServerAsShipped], peer: smtpServerAsShipped.name, ours: maitred.name };
  return throughput({ title: shippedTitle, target: '≤ 0.50 ×' }, each(), among, effort);
}

/** Memory is measured in fresh processes, fewer times: it varies little. */
const memoryRounds = (effort: Effort): number => Math.min(effort.rounds, 3);

const shippedTitle = 'a connection per message, 1 KiB, the peer as shipped';
const greetingTitle = 'time to greeting';
const peakTitle = 'one message of 200 MiB';
const idleTitle = 'idle connections';
const refusalTitle = 'time to refusal';
const verifiedTitle = 'verified, one message of 100 MB';
const hostileTitle = 'longest turn of the event loop';

/** Everything, in the order of the table. Connections: enough to keep the server busy, few enough to be realistic. */
export const cases: readonly Case[] = [
  traffic('connection', 'a connection per message, 1 KiB', each, '≤ 0.50 ×'),
  { name: 'shipped', title: shippedTitle, measure: (_field, effort) => asShipped(effort) },
  traffic(
    'kept',
    'kept connections, 1 KiB',
    () => ({ script: script({ content: small }), connections: 64 }),
    '≤ 0.75 ×',
  ),
  traffic('pipelined', 'kept, 1 KiB, pipelined', () => ({
    script: script({ content: small, pipelined: true }),
    connections: 64,
  })),
  traffic('recipients', 'kept, 1 KiB, 50 recipients, pipelined', () => ({
    script: script({ content: small, recipients: 50, pipelined: true }),
    connections: 16,
  })),
  traffic(
    '100k',
    'kept, 100 KiB',
    () => ({ script: script({ content: content(100 * kibibyte) }), connections: 16 }),
    '≤ 0.40 ×',
  ),
  traffic(
    '5m',
    'kept, 5 MiB',
    () => ({ script: script({ content: content(5 * kibibyte * kibibyte) }), connections: 4 }),
    '≤ 0.40 ×',
  ),
  { name: 'greeting', title: greetingTitle, measure: (_field, effort) => timeToGreeting(greetingTitle, effort) },
  { name: 'peak', title: peakTitle, measure: (_field, effort) => peakMemory(peakTitle, memoryRounds(effort)) },
  { name: 'idle', title: idleTitle, measure: (_field, effort) => idleMemory(idleTitle, memoryRounds(effort)) },
  { name: 'auth', title: refusalTitle, measure: (_field, effort) => timeToRefusal(refusalTitle, effort) },
  verified('verified-10k', '10 KiB', { octets: 10 * kibibyte, connections: 16 }),
  verified('verified-1m', '1 MiB', { octets: kibibyte * kibibyte, connections: 8 }),
  verified('verified-20m', '20 MiB', { octets: 20 * kibibyte * kibibyte, connections: 3, longer: 5 }),
  {
    name: 'verified-peak',
    title: verifiedTitle,
    measure: (_field, effort) => verifiedPeak(verifiedTitle, memoryRounds(effort)),
  },
  {
    name: 'hostile',
    title: hostileTitle,
    measure: (_field, effort) => longestBlock(hostileTitle, memoryRounds(effort)),
  },
];
