import { createServer, type Server } from '@maitred/core';
import { auth, relayForAuthenticated, requireAuth, senderMustMatch, type UserDirectory } from '@maitred/plugin-auth';
import { dsn } from '@maitred/plugin-dsn';
import { esmtp } from '@maitred/plugin-esmtp';
import { requireTls, starttls, type Certificates } from '@maitred/plugin-starttls';
import { smarthost, type Smarthost } from './smarthost.ts';

/** What a submission server is made of. */
export interface Parts {
  readonly hostname: string;
  /** The largest message taken, in octets. */
  readonly maximum: number;
  readonly certificates: Certificates;
  /** Who may submit. */
  readonly directory: UserDirectory;
  /** Where everything goes. */
  readonly next: Smarthost;
}

/**
 * A message submission server (RFC 6409): takes mail from who authenticated over TLS, as who they are, for anybody, and has
 * accepted what the smarthost has accepted.
 */
export function submission({ hostname, maximum, certificates, directory, next }: Parts): Server {
  return createServer({ hostname }).use(
    esmtp({ size: { maximum } }),
    dsn(),
    starttls({ certificates }),
    requireTls(),
    auth({ directory }),
    requireAuth(),
    senderMustMatch(),
    relayForAuthenticated(),
    smarthost(next),
  );
}
