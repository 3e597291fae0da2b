import { key, type Key } from '@maitred/core';

/** Transaction key, private: DATA was asked for, whatever was answered. BDAT must not follow it (RFC 3030 2). */
export const DataAsked: Key<true, 'transaction'> = key('DATA was asked for', 'transaction');
