import { key, type Key, type Path } from '@maitred/core';

/**
 * Connection key: the attempts to authenticate so far that gave nobody's identity; unset before the first. Neither STARTTLS
 * nor a restart takes any of them back.
 */
export const FailedAttempts: Key<number, 'connection'> = key('failed attempts to authenticate', 'connection');

/**
 * Transaction key: who submitted the message first, as MAIL's AUTH parameter tells (RFC 4954 5); `<>`, the null path, when
 * that is unknown or the client isn't trusted to tell. Unset when the client told nothing.
 */
export const Submitter: Key<Path, 'transaction'> = key('submitter', 'transaction');
