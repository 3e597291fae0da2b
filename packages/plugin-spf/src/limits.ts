/** What a check may cost; each of a stranger's making. */
export interface SpfLimits {
  /** Milliseconds for a message's checks; beyond it `temperror` (RFC 7208 4.6.4). Default: 20,000. */
  readonly time: number;
  /** Void answers in a check; beyond it `permerror` (RFC 7208 4.6.4). Default: 2. */
  readonly voids: number;
  /** Octets of a record; beyond it `permerror`. Default: 4,096. */
  readonly record: number;
  /** Addresses that a check compares, of all names together; beyond it `permerror`. Default: 256. */
  readonly addresses: number;
}

/** The limits where nothing else is said. */
export const defaultSpfLimits: SpfLimits = { time: 20_000, voids: 2, record: 4096, addresses: 256 };

/** The limits with some set. Throws RangeError, naming it, for one that there isn't, or that is no positive whole number. */
export function limitsOf(set: Partial<SpfLimits>): SpfLimits {
  for (const [name, value] of Object.entries(set)) {
    if (!(name in defaultSpfLimits)) throw new RangeError(`there is no limit ${name}`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`the limit ${name} is a positive whole number, not ${String(value)}`);
    }
  }
  return { ...defaultSpfLimits, ...set };
}
