import { X509Certificate } from 'node:crypto';
import type { Mechanism } from '../mechanism.ts';
import { utf8 } from '../sasl/utf8.ts';

/** EXTERNAL (RFC 4422 A): the client's certificate, which TLS has verified, says who it is. */
export function external(): Mechanism {
  return {
    name: 'EXTERNAL',
    needs: 'verifyCertificate',
    offered: ({ tls }) => tls?.authorized === true && tls.peerCertificate !== undefined,
    async authenticate({ ask, directory, session, signal }) {
      const actAs = utf8(await ask());
      if (actAs === undefined || actAs.includes('\0')) return 'malformed';
      const der = session.tls?.peerCertificate;
      const identity = der && (await directory.verifyCertificate?.(new X509Certificate(der), signal));
      return identity === undefined ? 'refused' : { identity, actAs: actAs === '' ? undefined : actAs };
    },
  };
}
