import { key, type Key } from '@maitred/core';

/**
 * Transaction key: what the sender wants of TLS on the rest of the way (RFC 8689 4.1).
 *
 * - `true`: MAIL had REQUIRETLS. The message goes on over verified TLS, to servers that offer REQUIRETLS, or not at all
 *   (4.2.1); so does a notification about it, which returns headers only (5).
 * - `false`: its header says `TLS-Required: No`. It goes on whatever DANE and MTA-STS ask for (4.2.2). Known from the
 *   `message` stage on.
 * - unset: neither.
 */
export const TlsRequired: Key<boolean, 'transaction'> = key('TLS required', 'transaction');
