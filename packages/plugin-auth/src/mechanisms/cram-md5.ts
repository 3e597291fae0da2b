import { randomBytes } from 'node:crypto';
import type { Mechanism } from '../mechanism.ts';
import { parseCramMd5, provesSecret } from '../sasl/cram-md5.ts';
import { prepare } from '../sasl/prepare.ts';

/**
 * CRAM-MD5 (RFC 2195). Not among the everyday mechanisms: it needs a directory that keeps passwords in clear, and who hears
 * one exchange can guess at the password at leisure. For clients of old with nothing better than PLAIN.
 */
export function cramMd5(): Mechanism {
  return {
    name: 'CRAM-MD5',
    needs: 'sharedSecret',
    serverFirst: true,
    async authenticate({ ask, claims, directory, session, signal }) {
      const challenge = `<${randomBytes(16).toString('hex')}@${session.hostname}>`;
      const message = parseCramMd5(await ask(challenge));
      if (!message) return 'malformed';
      claims(message.user);
      const user = prepare(message.user);
      const secret = user === undefined ? undefined : await directory.sharedSecret?.(user, signal);
      const proven = provesSecret(challenge, secret ?? challenge, message);
      return proven && user !== undefined && secret !== undefined ? { identity: user } : 'refused';
    },
  };
}
