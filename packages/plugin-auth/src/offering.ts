import type { Session } from '@maitred/core';
import type { Mechanism } from './mechanism.ts';
import { UserDirectory } from './tokens.ts';

/** Mechanisms, or lists of them as `scram()` gives one. */
export type MechanismList = readonly (Mechanism | readonly Mechanism[])[];

/**
 * Which mechanisms a session is offered, in their order: none in plaintext unless `withoutTls` says so, and of the others
 * those that the directory can serve and that work in this session.
 *
 * Throws a RangeError for two of one name, and for a name that RFC 4422 3.1 doesn't allow.
 */
export function offering(
  list: MechanismList,
  withoutTls: boolean | ((session: Session) => boolean),
): (session: Session) => readonly Mechanism[] {
  const mechanisms = list.flat();
  const names = new Set<string>();
  for (const { name } of mechanisms) {
    if (!/^[A-Z0-9_-]{1,20}$/.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a mechanism`);
    if (names.has(name)) throw new RangeError(`the mechanism ${name} is there twice`);
    names.add(name);
  }
  const open = typeof withoutTls === 'function' ? withoutTls : (): boolean => withoutTls;
  return (session) => {
    if (!session.tls && !open(session)) return [];
    const directory = session.inject(UserDirectory);
    return mechanisms.filter(
      (mechanism) =>
        (mechanism.needs === undefined || directory[mechanism.needs] !== undefined) &&
        (mechanism.offered?.(session, directory) ?? true),
    );
  };
}
