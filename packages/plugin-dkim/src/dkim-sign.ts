import { Clock, definePlugin, service, type Plugin } from '@maitred/core';
import { Signing } from './signing.ts';
import { Signer, SigningKeys, type SigningKey } from './tokens.ts';

/** How an application's messages are signed. */
export interface DkimSignOptions {
  /** The keys, or a service that has them. Default: whatever is registered as `SigningKeys`. */
  readonly keys?: SigningKeys | readonly SigningKey[];
  /** Names of the fields that are signed, of those there are; `From` must be among them. Default: mailauth's list. */
  readonly signedFields?: readonly string[];
}

/**
 * Signs (RFC 6376 5, RFC 8463): registers `Signer`, for applications that send messages on. Nothing is signed by itself.
 *
 * Throws RangeError for `signedFields` without `From` (RFC 6376 5.4).
 */
export function dkimSign({ keys, signedFields }: DkimSignOptions = {}): Plugin {
  if (signedFields && !signedFields.some((name) => name.toLowerCase() === 'from')) {
    throw new RangeError('signedFields has no From, which every signature covers (RFC 6376 5.4)');
  }
  return definePlugin({
    name: 'dkim-sign',
    requires: [SigningKeys, Clock],
    provides: [Signer, ...(keys ? [SigningKeys] : [])],
    services: [
      ...(keys ? [service({ token: SigningKeys, create: () => (isList(keys) ? listed(keys) : keys) })] : []),
      service({
        token: Signer,
        create: (inject) =>
          new Signing({
            keys: inject(SigningKeys),
            clock: inject(Clock),
            ...(signedFields !== undefined && { signedFields }),
          }),
      }),
    ],
    setup: async ({ inject }) => {
      const signer = inject(Signer);
      // Mailauth loads before the first message; another signer, put in its place, loads what it likes.
      if (signer instanceof Signing) await signer.load();
    },
  });
}

/** An array has a `find` of its own. */
const isList = (keys: SigningKeys | readonly SigningKey[]): keys is readonly SigningKey[] => Array.isArray(keys);

function listed(keys: readonly SigningKey[]): SigningKeys {
  return { find: (domain) => keys.filter((key) => key.domain.toLowerCase() === domain.toLowerCase()) };
}
