/**
 * The options as they were given. Throws TypeError for a bare value (`size: 5_000_000`) and for a name that there isn't:
 * either would leave the defaults where somebody set a limit. `names`: all that there are, the one that matters most first.
 */
export function namedOptions<T extends object>(
  plugin: string,
  options: T,
  names: readonly [keyof T & string, ...(keyof T & string)[]],
): T {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${plugin} takes { ${names[0]}: ${String(given)} }, not ${String(given)}`);
  }
  const known: readonly string[] = names;
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${plugin} has no option ${unknown}, it has ${names.join(', ')}`);
  return options;
}
