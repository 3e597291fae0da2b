import { Clock, createServer, Log, service, token, type Plugin, type Server } from '@maitred/core';
import { fakeClock, memoryLog, type FakeClock, type MemoryLog } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { fails, hangs } from './sinks.ts';

interface House {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
}

function house(...plugins: readonly Plugin[]): House {
  const [clock, log] = [fakeClock(), memoryLog()];
  return {
    server: createServer({ hostname: 'mx.example' }).override(Clock, clock).override(Log, log).use(plugins),
    clock,
    log,
  };
}

/** Notes that it was closed, and so was its service. */
function neighbour(name: string, noted: string[]): Plugin {
  const create = (): Disposable => ({ [Symbol.dispose]: () => void noted.push(`${name} disposed`) });
  return {
    name,
    services: [service({ token: token<Disposable>(name), create })],
    close: () => void noted.push(`${name} closed`),
  };
}

describe('a setup', () => {
  it.each([
    ['fails', fails],
    ['hangs', hangs],
  ])('that %s stops the start, and what was set up is closed again', async (_, setup) => {
    const noted: string[] = [];
    const { server, clock } = house(neighbour('one', noted), { name: 'culprit', setup }, neighbour('two', noted));
    const started = server.start();
    started.catch(() => {});
    await clock.advance(60_000);
    await expect(started).rejects.toThrow('culprit could not be set up');
    expect(noted).toEqual(['one closed', 'two disposed', 'one disposed']);
  });
});

describe('a close', () => {
  it.each([
    ['fails', fails],
    ['hangs', hangs],
  ])('that %s keeps nobody else from being closed, and is named', async (_, close) => {
    const noted: string[] = [];
    const { server, clock, log } = house(neighbour('one', noted), { name: 'culprit', close }, neighbour('two', noted));
    await server.start();
    const closed = server.close();
    await clock.advance(60_000);
    await closed;
    expect(noted).toEqual(['two closed', 'one closed', 'two disposed', 'one disposed']);
    expect(log.records).toMatchObject([{ level: 'error', fields: { plugin: 'culprit' } }]);
  });

  it.each([
    ['fails', fails],
    ['hangs', hangs],
  ])('comes to its end though a service %s when it is disposed', async (_, dispose) => {
    const noted: string[] = [];
    const culprit: Plugin = {
      name: 'culprit',
      services: [
        service({ token: token<AsyncDisposable>('thing'), create: () => ({ [Symbol.asyncDispose]: dispose }) }),
      ],
    };
    const { server, clock, log } = house(neighbour('one', noted), culprit);
    await server.start();
    let over = false;
    const closed = server.close().finally(() => (over = true));
    await clock.advance(60_000);
    expect(over).toBe(true);
    await closed;
    expect(noted).toEqual(['one closed', 'one disposed']);
    expect(log.records).toMatchObject([{ level: 'error', fields: { service: 'thing' } }]);
  });

  it('tells plugins that the server closes, once nobody is served any more', async () => {
    const reasons: string[] = [];
    const told: Plugin = {
      name: 'told',
      setup: ({ signal }) => signal.addEventListener('abort', () => reasons.push((signal.reason as Error).message)),
    };
    const { server } = house(told);
    await server.start();
    expect(reasons).toEqual([]);
    await server.close();
    expect(reasons).toEqual(['the server closes']);
  });
});
