import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fakeClock, fakeDns } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { code, forever, held, made, zone } from '../../test/caching.ts';
import { CachingDns, defaultDnsLimits } from './caching.ts';

describe('the deadlines', () => {
  it('gives a question five seconds', async () => {
    const { clock, resolve } = made();
    const asked = code(resolve('mute.example.org', 'A'));
    await clock.advance(4_999);
    expect(await Promise.race([asked, nextTurn('open')])).toBe('open');
    await clock.advance(1);
    expect(await asked).toBe('ETIMEOUT');
  });

  it('gives a message twenty, counting only the time it waits', async () => {
    const { clock, dns, upstream } = made();
    const message = dns.within(forever());
    for (const at of [1, 2, 3]) {
      const asked = code(message('mute.example.org', at % 2 ? 'A' : 'AAAA'));
      await clock.advance(5_000);
      expect(await asked).toBe('ETIMEOUT');
      await clock.advance(600_000); // the client takes its time
    }
    const asked = Promise.all([code(message('mute.example.org', 'MX')), code(message('mute.example.org', 'PTR'))]);
    await clock.advance(5_000);
    expect(await asked).toEqual(['ETIMEOUT', 'ETIMEOUT']);
    const before = upstream.questions.length;
    expect(await code(message('example.org', 'A'))).toBe('ETIMEOUT');
    expect(upstream.questions).toHaveLength(before);
    expect(await dns.within(forever())('example.org', 'A')).toEqual(['192.0.2.1']);
    expect(await message('example.org', 'A')).toEqual(['192.0.2.1']); // known now: nobody waits
  });

  it('gives a later one who joins the answer, or the end, of the question that is open', async () => {
    const { open, ask } = held();
    const { clock, dns } = made({}, ask);
    const first = code(dns.within(forever())('example.org', 'A'));
    await clock.advance(4_000);
    const second = dns.within(forever())('example.org', 'A');
    await clock.advance(0);
    expect(open).toHaveLength(1);
    open[0]?.answer(['192.0.2.3']);
    expect([await first, await second]).toEqual([['192.0.2.3'], ['192.0.2.3']]);
  });

  it('lets a question be asked again after an upstream that never settles', async () => {
    const { open, ask } = held();
    const { clock, resolve } = made({ concurrent: 1 }, ask);
    const first = code(resolve('example.org', 'A'));
    await clock.advance(5_000);
    expect(await first).toBe('ETIMEOUT');
    const second = resolve('example.org', 'A');
    await clock.advance(0);
    open[1]?.answer(['192.0.2.4']);
    expect(await second).toEqual(['192.0.2.4']);
    open[0]?.fail(new Error('late'));
    await clock.advance(0);
    expect(await resolve('example.org', 'A')).toEqual(['192.0.2.4']);
  });
});

describe('the limits', () => {
  it('lets a message ask 400 questions', async () => {
    const { upstream, resolve } = made({ questions: 3 });
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => code(resolve(name, 'A'))));
    expect(all).toEqual(['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 'ELIMIT']);
    expect(upstream.questions).toHaveLength(3);
    expect(defaultDnsLimits.questions).toBe(400);
  });

  it.each(['concurrent', 'concurrentPerMessage'] as const)('has no more than %s open', async (limit) => {
    const { open, ask } = held();
    const { clock, resolve } = made({ [limit]: 2 }, ask);
    const all = ['a', 'b', 'c'].map((name) => resolve(name, 'A'));
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a', 'b']);
    open[0]?.answer(['192.0.2.1']);
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    open[1]?.answer(['192.0.2.2']);
    open[2]?.answer(['192.0.2.3']);
    expect(await Promise.all(all)).toEqual([['192.0.2.1'], ['192.0.2.2'], ['192.0.2.3']]);
  });

  it("does not let one message's questions hold up another's", async () => {
    const { open, ask } = held();
    const { clock, dns } = made({ concurrentPerMessage: 1 }, ask);
    const greedy = dns.within(forever());
    const waiting = ['a', 'b'].map((name) => code(greedy(name, 'A')));
    const other = code(dns.within(forever())('c', 'A'));
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a', 'c']);
    await clock.advance(5_000);
    expect([...(await Promise.all(waiting)), await other]).toEqual(['ETIMEOUT', 'ETIMEOUT', 'ETIMEOUT']);
  });

  it('counts the wait for a turn towards the deadline', async () => {
    const { open, ask } = held();
    const { clock, resolve } = made({ concurrent: 1 }, ask);
    const all = ['a', 'b'].map((name) => code(resolve(name, 'A')));
    await clock.advance(4_999);
    expect(open.map(({ name }) => name)).toEqual(['a']);
    await clock.advance(1);
    expect(await Promise.all(all)).toEqual(['ETIMEOUT', 'ETIMEOUT']);
  });
});

describe('the end', () => {
  it('gives everybody who names a signal the same resolver', () => {
    const { dns } = made();
    const signal = forever();
    expect(dns.within(signal)).toBe(dns.within(signal));
    expect(dns.within(signal)).not.toBe(dns.within(forever()));
  });

  it('rejects all that is open when the signal aborts, and all that comes after', async () => {
    const { clock, dns } = made();
    const ending = new AbortController();
    const resolve = dns.within(ending.signal);
    const open = (['A', 'AAAA'] as const).map((type) => code(resolve('mute.example.org', type)));
    await clock.advance(0);
    ending.abort();
    expect(await Promise.all(open)).toEqual(['ECANCELLED', 'ECANCELLED']);
    expect(await code(resolve('example.org', 'A'))).toBe('ECANCELLED');
    expect(await code(dns.within(AbortSignal.abort())('example.org', 'A'))).toBe('ECANCELLED');
  });

  it('does not take the answer away from others who wait for it', async () => {
    const { open, ask } = held();
    const { clock, dns } = made({}, ask);
    const ending = new AbortController();
    const gone = code(dns.within(ending.signal)('example.org', 'A'));
    const stays = dns.within(forever())('example.org', 'A');
    await clock.advance(0);
    ending.abort();
    expect(await gone).toBe('ECANCELLED');
    open[0]?.answer(['192.0.2.1']);
    expect(await stays).toEqual(['192.0.2.1']);
  });

  it('leaves no timer and no listener behind', async () => {
    const clock = fakeClock();
    let timers = 0;
    const counted = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        timers += 1;
        return clock.sleep(ms, signal).finally(() => void (timers -= 1));
      },
    };
    const dns = new CachingDns(counted, fakeDns(zone).resolve, defaultDnsLimits);
    const ending = new AbortController();
    const listeners = (): number => getEventListeners(ending.signal, 'abort').length;
    const resolve = dns.within(ending.signal);
    const mute = code(resolve('mute.example.org', 'A'));
    await resolve('example.org', 'A');
    await nextTurn();
    expect({ timers, listeners: listeners() }).toEqual({ timers: 2, listeners: 1 });
    ending.abort();
    await mute;
    dns[Symbol.dispose]();
    await nextTurn();
    expect({ timers, listeners: listeners() }).toEqual({ timers: 0, listeners: 0 });
  });

  it('ends what is open when the server closes', async () => {
    const clock = fakeClock();
    let released = false;
    const dns = new CachingDns(clock, fakeDns(zone).resolve, defaultDnsLimits, () => void (released = true));
    const open = code(dns.within(forever())('mute.example.org', 'A'));
    await clock.advance(0);
    dns[Symbol.dispose]();
    expect(await open).toBe('ECANCELLED');
    expect(released).toBe(true);
  });
});

describe('a question that nobody waits for any more', () => {
  it('has no place among those that are open, and its answer is kept', async () => {
    const { open, ask } = held();
    const { clock, dns } = made({ concurrent: 1 }, ask);
    const gone = new AbortController();
    const first = code(dns.within(gone.signal)('a.example', 'A'));
    await clock.advance(0);
    gone.abort();
    expect(await first).toBe('ECANCELLED');
    const second = dns.within(forever())('b.example', 'A');
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a.example', 'b.example']);
    open[0]?.answer(['192.0.2.1']);
    open[1]?.answer(['192.0.2.2']);
    expect(await second).toEqual(['192.0.2.2']);
    expect(await dns.within(forever())('a.example', 'A')).toEqual(['192.0.2.1']);
    expect(open).toHaveLength(2);
  });

  it('keeps its place as long as one waits', async () => {
    const { open, ask } = held();
    const { clock, dns } = made({ concurrent: 1 }, ask);
    const gone = new AbortController();
    const first = code(dns.within(gone.signal)('a.example', 'A'));
    const joined = dns.within(forever())('a.example', 'A');
    const other = dns.within(forever())('b.example', 'A');
    await clock.advance(0);
    gone.abort();
    expect(await first).toBe('ECANCELLED');
    expect(open.map(({ name }) => name)).toEqual(['a.example']);
    open[0]?.answer(['192.0.2.1']);
    expect(await joined).toEqual(['192.0.2.1']);
    await clock.advance(0);
    open[1]?.answer(['192.0.2.2']);
    expect(await other).toEqual(['192.0.2.2']);
  });

  it('is not asked where it still stood in line, and asked for who comes then', async () => {
    const { open, ask } = held();
    const { clock, dns } = made({ concurrent: 1 }, ask);
    const first = dns.within(forever())('a.example', 'A');
    const gone = new AbortController();
    const second = code(dns.within(gone.signal)('b.example', 'A'));
    await clock.advance(0);
    gone.abort();
    const third = dns.within(forever())('b.example', 'A');
    expect(await second).toBe('ECANCELLED');
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a.example']);
    open[0]?.answer(['192.0.2.1']);
    expect(await first).toEqual(['192.0.2.1']);
    await clock.advance(0);
    expect(open.map(({ name }) => name)).toEqual(['a.example', 'b.example']);
    open[1]?.answer(['192.0.2.2']);
    expect(await third).toEqual(['192.0.2.2']);
  });
});
