import { parseArgs } from 'node:util';
import { ArcResult, authenticationResults, DkimResults, dns, SpfResult } from '@maitred/authentication-results';
import { ContentStore, createServer, discarding, replies } from '@maitred/core';
import { arc } from '@maitred/plugin-arc';
import { dkim } from '@maitred/plugin-dkim';
import { dmarc } from '@maitred/plugin-dmarc';
import { esmtp } from '@maitred/plugin-esmtp';
import { spf } from '@maitred/plugin-spf';
import { answersOf } from '../verified/zone.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    zone: { type: 'string', default: '' },
    /** Keeps content as a server does that needs it: in memory, and in a file where it is large. */
    spool: { type: 'boolean', default: false },
    /** Takes messages whatever they are worth. */
    lenient: { type: 'boolean', default: false },
  },
});

const unlimited = Number.POSITIVE_INFINITY;
const server = createServer({
  hostname: 'mx.example.com',
  limits: {
    messages: unlimited,
    idleCommands: unlimited,
    connections: unlimited,
    connectionsPerAddress: unlimited,
    errors: unlimited,
    errorsSlowed: unlimited,
  },
})
  .use(esmtp({ size: { maximum: 2 ** 30 } }), dns({ resolve: answersOf(values.zone) }))
  // HELO is not checked, because the peer doesn't.
  .use(
    spf({ helo: false }),
    dkim(),
    arc(),
    dmarc({ policy: values.lenient ? 'report' : 'enforce' }),
    authenticationResults(),
  )
  .accept(() => true)
  .deliver(() => {});
if (!values.spool) server.override(ContentStore, discarding);
if (!values.lenient) {
  server.on('message', async (message, next) => {
    const spf = await message.get(SpfResult);
    const words = [spf?.result, message.get(DkimResults)?.[0]?.result, message.get(ArcResult)?.result];
    // There is no figure for checks that failed.
    if (words.some((word) => word !== 'pass')) return replies.of(550, '5.7.1', `Not verified: ${words.join(', ')}`);
    return next();
  });
}

const [bound] = await server.listen({ host: '127.0.0.1' });
report(bound?.port ?? 0);
