import { createRequire } from 'node:module';
import type { BodyHash } from '../src/mailauth.ts';

/** What mailauth has no types for, as it is: the oracle of what does the same in bounds. */
const require = createRequire(import.meta.url);

/** A field as mailauth's own parser gives it. */
export interface UnmodifiedField {
  /** Null without a name. */
  readonly key: string | null;
  readonly casedKey?: string;
  readonly line: Buffer;
}

export const { parseHeaders } = require('mailauth/lib/tools.js') as {
  parseHeaders: (header: Buffer) => { parsed: UnmodifiedField[] };
};

export const { dkimBody } = require('mailauth/lib/dkim/body/index.js') as {
  dkimBody: (canonicalization: string, algorithm: string, limit: number | '') => BodyHash;
};
