/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Whether a value has yet to come. */
export function isPending<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | undefined)?.then === 'function';
}

/** Goes on with a value: at once if it is there, else when it comes. Most commands wait for nothing but the client. */
export function chain<T, U>(value: Awaitable<T>, then: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPending(value) ? value.then(then) : then(value);
}

/** Does what may fail, at once or later; what it fails with becomes `failed`'s value. */
export function attempt<T, U>(act: () => Awaitable<T>, failed: (error: unknown) => U): Awaitable<T | U> {
  try {
    const value = act();
    return isPending(value) ? value.then<T | U, U>(undefined, failed) : value;
  } catch (error) {
    return failed(error);
  }
}
