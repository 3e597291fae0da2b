import { isPending, type Awaitable } from './stages.ts';

/** Goes on with a value: at once if it is there, else when it comes. Most commands wait for nothing but the client. */
export function chain<T, U>(value: Awaitable<T>, then: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPending(value) ? value.then(then) : then(value);
}
