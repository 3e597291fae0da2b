import { key, type Key } from '@maitred/core';
import type { Received } from './sealed.ts';

/** Transaction key: what was found of a message, for the set that it is sealed with. Set in `message` by `arcSealer()`. */
export const ArcReceived: Key<Received, 'transaction'> = key('arc received', 'transaction');
