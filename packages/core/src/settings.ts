import { Fault } from './errors.ts';

/** Refuses a name that there is not: what is misspelled would not be held. */
export function onlyKnown(what: string, given: object, names: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Fault('NO_SETTING', [what, unknown, names.join(', ')]);
}

/**
 * The numbers that are given, over the defaults. What is undefined is not given: a limit must not go because a setting was
 * missing; nor may it go because what was set is no number.
 */
export function numbers<T extends object>(
  what: string,
  defaults: T,
  given: Partial<T> = {},
  names: readonly string[] = Object.keys(defaults),
): T {
  onlyKnown(what, given, names);
  const set = Object.entries<unknown>(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of set) {
    if (typeof value !== 'number' || !(value >= 0)) throw new Fault('NO_NUMBER', [`${what}.${name}`, String(value)]);
  }
  return { ...defaults, ...(Object.fromEntries(set) as Partial<T>) };
}
