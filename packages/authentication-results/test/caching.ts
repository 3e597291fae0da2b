import { fakeClock, fakeDns, type Zone } from '@maitred/testing';
import { CachingDns, defaultDnsLimits, type DnsLimits } from '../src/dns/caching.ts';
import type { Resolver } from '../src/tokens.ts';

/** What the upstream of a test knows. */
export const zone: Zone = {
  'example.org': { A: ['192.0.2.1'], TXT: ['v=spf1 -all'], MX: [{ exchange: 'mx.example.org', priority: 10 }] },
  'ill.example.org': { A: 'servfail', TXT: 'timeout', MX: 'garbage', AAAA: 'refused' },
  'mute.example.org': 'never',
};

/** A signal that never aborts. */
export const forever = (): AbortSignal => new AbortController().signal;
/** What a question failed by, or its answer. */
export const code = (of: Promise<unknown>): Promise<unknown> => of.catch((error: { code: string }) => error.code);

/** A resolver on a zone, or on another upstream, and a message's own of it. */
export function made(limits: Partial<DnsLimits> = {}, ask?: Resolver) {
  const clock = fakeClock();
  const upstream = fakeDns(zone);
  const dns = new CachingDns(clock, ask ?? upstream.resolve, { ...defaultDnsLimits, ...limits });
  return { clock, upstream, dns, resolve: dns.within(forever()) };
}

/** An upstream that answers when it is told to. */
export function held() {
  const open: { name: string; answer: (records: string[]) => void; fail: (error: unknown) => void }[] = [];
  const ask = (name: string): Promise<never> =>
    new Promise((resolve, fail) => void open.push({ name, answer: (records) => resolve(records as never), fail }));
  return { ask: ask as Resolver, open };
}
