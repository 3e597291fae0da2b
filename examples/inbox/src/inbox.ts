import { createServer, type Server } from '@maitred/core';
import { esmtp } from '@maitred/plugin-esmtp';
import { starttls, type Certificates } from '@maitred/plugin-starttls';
import { maildir } from '@maitred/sink-maildir';
import { report } from './report.ts';

/** What an inbox is made of. */
export interface Parts {
  readonly hostname: string;
  /** The folder that becomes a Maildir. */
  readonly root: string;
  /** The largest message taken, in octets. */
  readonly maximum: number;
  readonly certificates: Certificates;
  /** Told one readable line per message that was kept. */
  readonly print: (line: string) => void;
}

/** A server that keeps mail for anybody in one Maildir. It has nothing that could send mail on: it never relays. */
export function inbox({ hostname, root, maximum, certificates, print }: Parts): Server {
  return createServer({ hostname })
    .use(esmtp({ size: { maximum } }), starttls({ certificates }), report(print), maildir({ root }))
    .accept(function anyRecipient() {
      return true;
    });
}
