import { createServer, Log } from '@maitred/core';
import { auth, memoryDirectory } from '@maitred/plugin-auth';
import { report } from './report.ts';

const unlimited = Number.POSITIVE_INFINITY;
const nothing = (): void => {};
const server = createServer({
  hostname: 'mx.example.com',
  limits: { errors: unlimited, errorsSlowed: unlimited, idleCommands: unlimited },
})
  .override(Log, { error: console.error, warn: nothing, info: nothing, debug: nothing })
  .use(
    auth({
      directory: await memoryDirectory([{ name: 'known', password: 'correct horse battery staple' }]),
      withoutTls: true,
      attempts: unlimited,
      // What is measured is the work, not the delay that comes after it.
      delay: () => 0,
    }),
  );

const [bound] = await server.listen({ host: '127.0.0.1' });
report(bound?.port ?? 0);
