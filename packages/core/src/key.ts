import { Fault } from './errors.ts';

/** How long a value under a key lives. Core clears by lifetime, so no plugin has to remember to. */
export type Lifetime = 'connection' | 'session' | 'transaction' | 'recipient';

/**
 * A typed slot that plugins share data through. Identity is the object: two keys of one name are two keys, and a server
 * refuses to start with both ("two copies of …").
 *
 * - `connection`: from the first octet to the last, through STARTTLS.
 * - `session`: what the client told or proved; dropped by STARTTLS and by a restart.
 * - `transaction`: from MAIL to the end of the message, RSET or EHLO.
 * - `recipient`: with its recipient.
 */
export interface Key<T, L extends Lifetime = Lifetime> {
  readonly name: string;
  readonly lifetime: L;
  /** Never set: carries the value's type, invariantly. */
  readonly '~type'?: (value: T) => T;
}

/** A key of any type and lifetime. */
// oxlint-disable-next-line typescript/no-explicit-any -- a key is invariant in its type: only `any` stands for all
export type AnyKey = Key<any>;

/** Makes a key: `export const SpfResult: Key<Spf, 'transaction'> = key('spf', 'transaction')`. Compared by identity. */
export function key<T>(name: string, lifetime: 'connection'): Key<T, 'connection'>;
export function key<T>(name: string, lifetime: 'session'): Key<T, 'session'>;
export function key<T>(name: string, lifetime: 'transaction'): Key<T, 'transaction'>;
export function key<T>(name: string, lifetime: 'recipient'): Key<T, 'recipient'>;
export function key<T>(name: string, lifetime: Lifetime): Key<T> {
  return Object.freeze({ name, lifetime });
}

/** What reads and writes values under keys of the lifetimes `L`; reading a shorter-lived key is a type error. */
export interface Bag<L extends Lifetime> {
  /** The value, or undefined when nobody has set it. */
  get<T>(key: Key<T, L>): T | undefined;
  /** The value; throws a fault that names the key when nobody has set it. */
  need<T>(key: Key<T, L>): T;
  /** Sets the value until the key's lifetime ends. */
  set<T>(key: Key<T, L>, value: NoInfer<T>): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- see AnyKey
  delete(key: Key<any, L>): void;
}

/** The values of one lifetime; holds no map until the first `set`, because most connections never need one. */
export class Values implements Bag<Lifetime> {
  #map: Map<AnyKey, unknown> | undefined;
  /** What shows through where a fork has not set or deleted a value of its own. */
  #base: Values | undefined;

  get<T>(key: Key<T>): T | undefined {
    return this.#map?.has(key) ? (this.#map.get(key) as T) : this.#base?.get(key);
  }

  need<T>(key: Key<T>): T {
    const value = this.get(key);
    if (value === undefined) throw new Fault('UNSET_KEY', [key.name]);
    return value;
  }

  set<T>(key: Key<T>, value: NoInfer<T>): void {
    (this.#map ??= new Map()).set(key, value);
  }

  delete(key: AnyKey): void {
    if (this.#base) this.set(key, undefined);
    else this.#map?.delete(key);
  }

  /** Values over these, which change apart: what EHLO tries out before it is true. */
  fork(): Values {
    const fork = new Values();
    fork.#base = this;
    return fork;
  }

  /** A fork's changes come true: the values it was made of, which may have changed too. */
  merge(): Values {
    const base = this.#base;
    if (!base) return this;
    for (const [key, value] of this.#map ?? []) {
      if (value === undefined) base.delete(key);
      else base.set(key, value);
    }
    return base;
  }
}

/** Who the client proved to be, by whatever means: AUTH, a certificate, XCLIENT. Core's, because many ask it. */
export interface Identified {
  /** The authenticated identity. */
  readonly id: string;
  /** The means: a SASL mechanism's name, `certificate` … */
  readonly by: string;
}

/** Session key: the client's proven identity; absent for an anonymous client. */
export const Identity: Key<Identified, 'session'> = key('identity', 'session');

/** Transaction key: non-ASCII mailboxes may pass (RFC 6531). Without it core answers 553 5.6.7 to them. */
export const Internationalized: Key<boolean, 'transaction'> = key('internationalized', 'transaction');
