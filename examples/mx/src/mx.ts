import { arc } from '@maitred/plugin-arc';
import { authenticationResults, dns, iprev } from '@maitred/authentication-results';
import { createServer, type Server } from '@maitred/core';
import { chunking } from '@maitred/plugin-chunking';
import { dkim } from '@maitred/plugin-dkim';
import { dmarc } from '@maitred/plugin-dmarc';
import { esmtp } from '@maitred/plugin-esmtp';
import { proxy } from '@maitred/plugin-proxy';
import { spf } from '@maitred/plugin-spf';
import { starttls, type Certificates } from '@maitred/plugin-starttls';
import { maildir } from '@maitred/sink-maildir';
import { marked } from './marked.ts';
import type { Settings } from './settings.ts';
import { printing } from './verdicts.ts';

/** What an MX is made of. */
export interface Parts extends Omit<Settings, 'host' | 'port' | 'cert' | 'key'> {
  readonly certificates: Certificates;
  /** Told a table per message. */
  readonly print: (table: string) => void;
}

/** An inbound MX (RFC 5321 2.3.8): takes mail for its domains, from anybody whose mail is what it claims to be. */
export function mx(parts: Parts): Server {
  const { hostname, domains, maximum, certificates, proxies, trusted, sealers, resolvers } = parts;
  const server = createServer({ hostname })
    .use(...(proxies.length > 0 ? [proxy({ from: proxies })] : []))
    .use(esmtp({ size: { maximum } }), chunking(), starttls({ certificates }))
    .use(dns(resolvers.length > 0 ? { servers: resolvers } : {}), iprev())
    // SPF alone refuses nobody: a forwarded mail that it fails may have a signature that DMARC takes (RFC 9989 7.1).
    .use(spf({ skip: trusted }), dkim(), arc({ trusted: sealers }), dmarc({ policy: 'enforce', skip: trusted }))
    .use(authenticationResults(), marked(), maildir({ root: parts.maildir, deliveredTo: true }))
    .accept(function anyoneOfOurs({ recipient }) {
      return domains.includes(recipient.path.domain ?? '');
    });
  return printing(server, parts.print);
}
