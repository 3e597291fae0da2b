import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Published samples, beside every checkout; not part of this repository. */
const folder = fileURLToPath(new URL('../../../../shared/conformance/dkim/', import.meta.url));

/** Whether the samples are there. */
export const present = existsSync(folder);

/** A sample as a mail has it: lines end in CRLF. */
export const sample = (name: string): string => text(name).replace(/\r?\n/g, '\r\n');

/** A key record among the samples. */
export const record = (name: string): string => text(name).trim();

const text = (name: string): string => readFileSync(folder + name, 'latin1');
