import { key, type Key } from '@maitred/core';
import type { Arc, Dkim, Dmarc, Iprev, Spf } from './results.ts';

/** Connection key: what iprev finds of the client's address; never rejects. Set in `connect`. */
export const IprevResult: Key<Promise<Iprev>, 'connection'> = key('iprev', 'connection');

/** Transaction key: what SPF finds; never rejects. Set in `mail`; not set for clients that the plugin leaves alone. */
export const SpfResult: Key<Promise<Spf>, 'transaction'> = key('spf', 'transaction');

/** Transaction key: what DKIM found of each signature, empty for a message without any. Set in `message`. */
export const DkimResults: Key<readonly Dkim[], 'transaction'> = key('dkim', 'transaction');

/** Transaction key: what ARC found. Set in `message`. */
export const ArcResult: Key<Arc, 'transaction'> = key('arc', 'transaction');

/** Transaction key: what DMARC found. Set in `message`. */
export const DmarcResult: Key<Dmarc, 'transaction'> = key('dmarc', 'transaction');
