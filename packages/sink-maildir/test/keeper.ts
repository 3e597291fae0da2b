import { createServer } from '@maitred/core';
import { maildir } from '../src/index.ts';

/** A server of its own process, to be killed: keeps mail in the Maildir it's told, and prints where it listens. */
const [, , root = ''] = process.argv;
const server = createServer({ hostname: 'mx.example.org' })
  .accept(() => true)
  .use(maildir({ root }));
const [at] = await server.listen({ host: '127.0.0.1' });
process.stdout.write(`${at?.port}\n`);
