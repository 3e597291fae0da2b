/** One chunk as BDAT announces it (RFC 3030 2). */
export interface Chunk {
  /** Octets that follow the command line; at most 2^53 - 1. */
  readonly size: number;
  /** Whether the message ends with it. */
  readonly last: boolean;
}

/**
 * Reads BDAT's arguments (RFC 3030 2): digits, and perhaps `LAST` in any case; several spaces count as one. Undefined for
 * anything else, and for a size that can't be counted exactly: then nobody knows where the chunk ends.
 */
export function parseChunk(args: string): Chunk | undefined {
  const [, digits, last] = /^ *([0-9]+)(?: +(LAST))? *$/i.exec(args) ?? [];
  const size = Number(digits);
  return Number.isSafeInteger(size) ? { size, last: last !== undefined } : undefined;
}
