import { createServer, Log } from '@maitred/core';
import { expect, it } from 'vitest';
import { memoryLog } from './log.ts';
import { inMemory } from './ways.ts';

it('keeps what it is told, in order', () => {
  const log = memoryLog();
  log.warn({ id: 'a' }, 'slow');
  log.debug({}, 'fine');
  expect(log.records).toEqual([
    { level: 'warn', message: 'slow', fields: { id: 'a' } },
    { level: 'debug', message: 'fine', fields: {} },
  ]);
});

it('keeps the fields as they were', () => {
  const log = memoryLog();
  const fields = { id: 'a' };
  log.info(fields, 'first');
  fields.id = 'b';
  expect(log.records).toMatchObject([{ fields: { id: 'a' } }]);
});

it("is a server's logger", async () => {
  const log = memoryLog();
  await using server = createServer({ hostname: 'mx.example' })
    .override(Log, log)
    .on('mail', () => Promise.reject(new Error('no disk')));
  const client = await inMemory.open(server);
  await client.hello();
  expect(await client.command('MAIL FROM:<>')).toMatchObject({ code: 451 });
  expect(log.records).toMatchObject([{ level: 'error', fields: { stage: 'mail', err: { message: 'no disk' } } }]);
});
