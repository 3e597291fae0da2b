// The only file that imports the container. tsyringe refuses to load before the Reflect polyfill.
import 'reflect-metadata';
import { container as root, inject, injectable, type DependencyContainer, type InjectionToken } from 'tsyringe';
import { Fault } from './errors.ts';
import type { PluginClass } from './plugin.ts';

export { inject, injectable };

/** Names a service. A symbol, so that `@inject(Clock)` takes it; compared by identity. */
export type Token<T> = symbol & { readonly '~service': (value: T) => T };

/** A token of any service. */
// oxlint-disable-next-line typescript/no-explicit-any -- see AnyService
export type AnyToken = Token<any>;

/** Makes a token: `export const Lists: Token<Lists> = token('lists')`. */
export function token<T>(name: string): Token<T> {
  return Symbol(name) as Token<T>;
}

/** Gives the service behind a token; throws a fault that names it when there is none. */
export type Inject = <T>(token: Token<T>) => T;

/**
 * A registration: what lives as long as the server. `create` does no I/O (`setup` may); if the value has
 * `Symbol.asyncDispose` or `Symbol.dispose`, core calls it at the end, in reverse order.
 */
export interface Service<T> {
  readonly token: Token<T>;
  /** Replaces an earlier registration; without it a second one is a start-up error. */
  readonly override?: boolean;
  create(inject: Inject): T;
}

/** A registration under any token. */
// oxlint-disable-next-line typescript/no-explicit-any -- a token is invariant in its type: only `any` stands for all
export type AnyService = Service<any>;

/** Checks a service's value against its token. */
export function service<T>(spec: Service<T>): Service<T> {
  return spec;
}

/** A token's name, for people. */
export const tokenName = (of: symbol): string => of.description ?? 'unnamed service';

/** A registration and whose it is; a `borrowed` value is not ours to dispose. */
export interface Registered {
  readonly service: AnyService;
  readonly owner: string;
  readonly borrowed: boolean;
}

/** One server's services: its own container, resolved whole at start, disposed in reverse. */
export class Services {
  /** What injectable classes are made by: it reads what their constructors ask for. */
  readonly #container: DependencyContainer = root.createChildContainer();
  readonly #registered = new Map<symbol, Registered>();
  readonly #made = new Map<symbol, unknown>();
  readonly #making: symbol[] = [];

  /** Adds a registration of `owner`'s. */
  register(service: AnyService, owner: string, borrowed = false): void {
    const { token, override } = service;
    const before = this.#registered.get(token);
    if (before && override !== true) throw new Fault('SERVICE_TAKEN', [tokenName(token), before.owner, owner]);
    this.#registered.set(token, { service, owner, borrowed });
    this.#container.register(token, { useFactory: () => this.inject(token) });
  }

  /** By token, what was registered last. */
  get registered(): ReadonlyMap<symbol, Registered> {
    return this.#registered;
  }

  readonly inject: Inject = <T>(token: Token<T>): T => {
    if (this.#made.has(token)) return this.#made.get(token) as T;
    const registered = this.#registered.get(token);
    if (!registered) throw new Fault('SERVICE_MISSING', [tokenName(token)]);
    if (this.#making.includes(token)) {
      throw new Fault('SERVICE_CYCLE', [[...this.#making, token].map(tokenName).join(' → ')]);
    }
    this.#making.push(token);
    try {
      const made = registered.service.create(this.inject) as T;
      this.#made.set(token, made);
      return made;
    } finally {
      this.#making.pop();
    }
  };

  /** Makes every service there is: nothing is first resolved while a client waits. */
  resolveAll(): void {
    for (const token of this.#registered.keys()) this.inject(token as Token<unknown>);
  }

  /** Makes an injectable plugin. */
  construct<T>(plugin: PluginClass & { new (...services: never[]): T }): T {
    return this.#container.resolve(plugin as unknown as InjectionToken<T>);
  }

  /** Disposes what was made, last first, each by `end`, which must not reject: one failure skips nothing. */
  async dispose(end: (name: string, dispose: () => unknown) => Promise<void>): Promise<void> {
    for (const [token, made] of [...this.#made].toReversed()) {
      const held = made as Partial<AsyncDisposable & Disposable> | null | undefined;
      const how = held?.[Symbol.asyncDispose] ?? held?.[Symbol.dispose];
      if (how && !this.#registered.get(token)?.borrowed) await end(tokenName(token), () => how.call(held));
    }
  }
}
