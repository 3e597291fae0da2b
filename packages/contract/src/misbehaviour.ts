import { replies, type Plugin, type Reply } from '@maitred/core';

/** What no client and no reply may ever show. */
export const secret = 'secret of the culprit';

/** Misbehaves once, as soon as it's armed and asked. */
export class Culprit {
  armed = false;
  /** Resolves once it has begun to. */
  readonly caught: Promise<void>;
  #caught: () => void = () => {};

  constructor() {
    this.caught = new Promise((resolve) => {
      this.#caught = resolve;
    });
  }

  /** Whether it is to misbehave now. */
  get strikes(): boolean {
    const strikes = this.armed;
    this.armed = false;
    if (strikes) this.#caught();
    return strikes;
  }
}

/** A way to do wrong, wherever a function is asked for something: what it returns, unless it throws. */
export type Wrong = () => unknown;

const thrown: Wrong = () => {
  throw new Error(secret);
};

/** What a plugin may do instead of its work. */
export const wrongs: Readonly<Record<string, Wrong>> = {
  throws: thrown,
  rejects: () => Promise.reject(new Error(secret)),
  'throws a string': () => {
    // oxlint-disable-next-line typescript/only-throw-error -- plain JavaScript may
    throw secret;
  },
  'rejects with nothing': async () => {
    // oxlint-disable-next-line typescript/only-throw-error -- plain JavaScript may
    throw undefined;
  },
  'gives up by itself': () => Promise.reject(new DOMException(secret, 'AbortError')),
  'throws what it was told by another server': () => {
    throw Object.assign(new Error(secret), { reply: { code: 550, lines: [secret] } });
  },
  hangs: () => new Promise(() => {}),
  'returns nothing': async () => {},
  'returns what is no reply': async () => ({ code: 250, message: secret }),
  'asks for more': async () => replies.of(354, undefined, secret),
};

type Middleware = (ctx: never, next: () => Promise<Reply>) => Promise<Reply>;

/** What only a middleware can do wrong. */
export const middlewareWrongs: Readonly<Record<string, (next: () => Promise<Reply>) => unknown>> = {
  ...wrongs,
  'calls next twice': async (next) => {
    await next();
    return next();
  },
  'calls next twice and looks away': async (next) => {
    const reply = await next();
    void next();
    return reply;
  },
  'throws after next': async (next) => {
    await next();
    throw new Error(secret);
  },
  'hangs after next': async (next) => {
    await next();
    await new Promise(() => {});
  },
};

/** A middleware that does its work until it strikes. */
export function middleware(culprit: Culprit, wrong: (next: () => Promise<Reply>) => unknown): Middleware {
  return (_, next) => (culprit.strikes ? wrong(next) : next()) as Promise<Reply>;
}

/** A function that gives `otherwise` until it strikes. */
export function work(culprit: Culprit, wrong: Wrong, otherwise: unknown): () => never {
  return () => (culprit.strikes ? wrong() : otherwise) as never;
}

/** The plugin that does it, in one place. */
export function culprit(place: Omit<Plugin, 'name'>): Plugin {
  return { name: 'culprit', ...place };
}
