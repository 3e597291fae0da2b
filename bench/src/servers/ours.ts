import { parseArgs } from 'node:util';
import { ContentStore, createServer, discarding, type Middleware } from '@maitred/core';
import { esmtp } from '@maitred/plugin-esmtp';
import { maildir } from '@maitred/sink-maildir';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    middlewares: { type: 'string', default: '0' },
    maildir: { type: 'string' },
    /** Keeps content in memory, or in a file where it is large, and then drops it. */
    spool: { type: 'boolean', default: false },
    'core-alone': { type: 'boolean', default: false },
  },
});

const unlimited = Number.POSITIVE_INFINITY;
const server = createServer({
  hostname: 'mx.example.com',
  limits: { messages: unlimited, idleCommands: unlimited, connections: unlimited, connectionsPerAddress: unlimited },
});
if (!values['core-alone']) server.use(esmtp({ size: { maximum: 2 ** 30 } }));
server.accept(() => true);
if (values.spool) server.deliver(() => {});
else if (values.maildir === undefined) server.override(ContentStore, discarding).deliver(() => {});
else server.use(maildir({ root: values.maildir }));

const passesOn: Middleware<unknown> = async (_ctx, next) => {
  const reply = await next();
  return reply;
};
for (let n = 0; n < Number(values.middlewares); n += 1) {
  server
    .on('command', passesOn)
    .on('connect', passesOn)
    .on('helo', passesOn)
    .on('mail', passesOn)
    .on('rcpt', passesOn)
    .on('data', passesOn)
    .on('message', passesOn);
}

const [bound] = await server.listen({ host: '127.0.0.1' });
// Else a message of 200 MiB might stay behind in a temporary file.
report(bound?.port ?? 0, () => server.close({ deadline: 0 }));
