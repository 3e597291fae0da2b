import type { Layer } from './compose.ts';
import { Fault } from './errors.ts';
import type { AnyKey } from './key.ts';
import type { AnyParameter, Dependency, Extension, Plugin, VerbSpec } from './plugin.ts';
import type { Owner } from './scope.ts';
import type { Collected, CoreStages, Hook, Middleware, AnyStage } from './stages.ts';

/** A plugin as it was used; `free`: the application's own middleware, which may use any key. */
export interface Used<P = Plugin> {
  readonly plugin: P;
  readonly free?: boolean;
}

/** Something a plugin brought, and which plugin. */
export interface Owned<T> {
  readonly owner: Owner;
  readonly it: T;
}

/** The parameters of one verb: by keyword, then by value, where values have owners. */
export type ParameterTable = ReadonlyMap<string, Owned<AnyParameter<'transaction' | 'recipient'>>>;

const onions = ['command', 'connect', 'helo', 'mail', 'rcpt', 'data', 'message'] as const;
const collections = ['body', 'deliver', 'close'] as const;

/** What plugins declared, as tables that serving only looks things up in. */
export class Registry {
  readonly used: readonly Owned<Plugin>[];
  readonly stages: { readonly [S in keyof CoreStages]: readonly Layer[] };
  readonly collected: { readonly [S in keyof Collected]: readonly Owned<Collected[S]>[] };
  /** Each of these stages with its plugins, outermost first. */
  readonly order: ReadonlyMap<string, readonly string[]>;
  readonly declared: ReadonlyMap<AnyStage, readonly Layer[]>;
  readonly verbs: ReadonlyMap<string, Owned<VerbSpec>>;
  readonly extensions: ReadonlyMap<string, Owned<Extension>>;
  readonly parameters: { readonly MAIL: ParameterTable; readonly RCPT: ParameterTable };
  readonly prologues: readonly Owned<NonNullable<Plugin['prologue']>>[];
  readonly acceptors: readonly Owned<NonNullable<Plugin['accepts']>>[];
  readonly formats: readonly Owned<NonNullable<Plugin['format']>>[];
  readonly answers: readonly Owned<NonNullable<Plugin['answer']>>[];
  /** The longest of all verbs' lines: what is held before it's known whose line it is. */
  readonly longestLine: number;
  readonly #lineFloor: number;
  readonly #lineLimits: ReadonlyMap<string, number>;

  constructor(plugins: readonly Used[], commandLine: number) {
    this.used = plugins.map(({ plugin, free }) => ({ owner: ownerOf(plugin, free), it: plugin }));
    const each = <T>(pick: (plugin: Plugin) => T | undefined): Owned<T>[] =>
      this.used.flatMap(({ owner, it }) => {
        const picked = pick(it);
        return picked === undefined ? [] : [{ owner, it: picked }];
      });
    const onion = (name: keyof CoreStages): readonly Layer[] =>
      layers(each((p) => p.stages?.[name] as Hook<never> | undefined));
    this.stages = Object.fromEntries(onions.map((name) => [name, onion(name)])) as never;
    this.collected = Object.fromEntries(collections.map((name) => [name, each((p) => p.stages?.[name])])) as never;
    const hooked = Object.entries<readonly Pick<Owned<unknown>, 'owner'>[]>({ ...this.stages, ...this.collected });
    this.order = new Map(hooked.map(([name, hooks]) => [name, namesOf(hooks)]));
    // A class may have them as methods.
    this.prologues = each((p) => p.prologue?.bind(p));
    this.acceptors = each((p) => p.accepts);
    this.formats = each((p) => p.format?.bind(p));
    this.answers = each((p) => p.answer?.bind(p));
    this.verbs = this.#table('VERB_TAKEN', (p) => p.verbs);
    this.extensions = this.#table('KEYWORD_TAKEN', (p) => p.extensions);
    this.parameters = {
      MAIL: this.#table('PARAMETER_TAKEN', (p) => p.parameters?.MAIL),
      RCPT: this.#table('PARAMETER_TAKEN', (p) => p.parameters?.RCPT),
    };
    const stagesOf = this.used.flatMap(({ it }) => it.provides ?? []).filter(isStage);
    const hooks = this.used.flatMap(({ owner, it }) =>
      (it.on ?? []).map((on) => ({ owner, it: on.hook, on: on.stage })),
    );
    this.declared = new Map(stagesOf.map((stage) => [stage, layers(hooks.filter(({ on }) => on === stage))]));
    this.#lineFloor = commandLine;
    this.#lineLimits = new Map([...this.verbs].map(([verb, { it }]) => [verb, this.#limitOf(verb, it.octets)]));
    this.longestLine = Math.max(commandLine, ...this.#lineLimits.values());
  }

  /** The longest line that a verb may have. */
  lineLimit(verb: string): number {
    return this.#lineLimits.get(verb) ?? this.#lineFloor;
  }

  #limitOf(verb: string, octets = 0): number {
    const table = verb === 'MAIL' || verb === 'RCPT' ? this.parameters[verb] : undefined;
    const theirs = [...(table?.values() ?? [])].reduce((sum, { it }) => sum + (it.octets ?? 0), 0);
    return Math.max(this.#lineFloor, rfcLine + octets + theirs);
  }

  #table<T>(
    taken: 'VERB_TAKEN' | 'KEYWORD_TAKEN' | 'PARAMETER_TAKEN',
    pick: (plugin: Plugin) => Readonly<Record<string, T>> | undefined,
  ): ReadonlyMap<string, Owned<T>> {
    const table = new Map<string, Owned<T>>();
    for (const { owner, it: plugin } of this.used) {
      for (const [spelled, it] of Object.entries(pick(plugin) ?? {})) {
        const name = spelled.toUpperCase();
        if (!/^[A-Z0-9][A-Z0-9-]*(=[^\s=]+)?$/.test(name)) throw new Fault('BAD_NAME', [owner.name, spelled]);
        const before = table.get(name);
        if (before && (it as VerbSpec).replaces !== true) throw new Fault(taken, [name, before.owner.name, owner.name]);
        table.set(name, { owner, it });
      }
    }
    return table;
  }
}

/** RFC 5321 4.5.3.1.4: a command line's octets, to which parameters add theirs. */
const rfcLine = 512;

function ownerOf(plugin: Plugin, free = false): Owner {
  return { name: plugin.name, keys: free ? undefined : new Set(dependencies(plugin).filter(isKey)) };
}

type Placed = Exclude<Hook<never>, Middleware<never>>;

/** `use` order, but `pre` outside of all and `post` inside of all. */
function layers(hooks: readonly Owned<Hook<never>>[]): readonly Layer[] {
  const placed = hooks.map(({ owner, it }) => {
    const { order, when, handle }: Placed = typeof it === 'function' ? { handle: it } : it;
    return { order, owner, when, handle };
  });
  return ['pre', undefined, 'post'].flatMap((order) => placed.filter((layer) => layer.order === order));
}

export const namesOf = (of: readonly Pick<Owned<unknown>, 'owner'>[]): string[] => of.map(({ owner }) => owner.name);

/** All that a plugin names. */
export function dependencies(plugin: Plugin): readonly Dependency[] {
  return [...(plugin.requires ?? []), ...(plugin.optional ?? []), ...(plugin.provides ?? [])];
}

export const isKey = (of: Dependency): of is AnyKey => typeof of === 'object' && 'lifetime' in of;
export const isStage = (of: Dependency): of is AnyStage => typeof of === 'object' && 'otherwise' in of;
