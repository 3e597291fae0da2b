import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { mailbox } from '../test/kit.ts';

it('serves nobody whose address the kernel no longer knows, whatever it sent', async () => {
  const { server, kept } = mailbox({ talkingAhead: 'allow' });
  const greeted: string[] = [];
  server.on('connect', (ctx, next) => {
    greeted.push(ctx.remote.address);
    return next();
  });
  const [at] = await server.listen({ host: '127.0.0.1' });
  const mail = ['HELO a', 'MAIL FROM:<>', 'RCPT TO:<b@server.example>', 'DATA', '.', 'QUIT', ''].join('\r\n');
  // Nothing is accepted while this process waits for the other to have come and gone.
  const { status } = spawnSync(process.execPath, [
    '-e',
    `const socket = require('node:net').connect(${at!.port}, '127.0.0.1', () =>
       socket.write(${JSON.stringify(mail)}, () => setTimeout(() => socket.resetAndDestroy(), 50)));`,
  ]);
  expect(status).toBe(0);
  const next = connect(at!.port, '127.0.0.1');
  await once(next, 'data');
  next.destroy();
  expect(greeted).toEqual(['127.0.0.1']);
  expect(kept).toEqual([]);
});
