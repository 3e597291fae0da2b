import { Fault } from './errors.ts';
import { CONTRACT, type AnyParameter, type Dependency, type Plugin } from './plugin.ts';
import { dependencies, isKey, isStage, type Registry } from './registry.ts';
import { tokenName } from './services.ts';

/** Every start-up check of what plugins declared (`services`: by token); each fault says how to mend it. */
export function consistent(registry: Registry, services: ReadonlyMap<symbol, unknown>): void {
  for (const { it: plugin } of registry.used) {
    const contract = (plugin as { '~contract'?: number })['~contract'] ?? CONTRACT;
    if (contract !== CONTRACT) throw new Fault('CONTRACT_VERSION', [plugin.name, String(contract), String(CONTRACT)]);
    for (const name of Object.keys(plugin.stages ?? {})) {
      if (!registry.order.has(name))
        throw new Fault('UNKNOWN_STAGE', [plugin.name, name, [...registry.order.keys()].join(', ')]);
    }
    callable(plugin);
    declared(plugin);
    offered(registry, plugin);
  }
  oneCopy(registry);
  produced(registry, services);
}

/** What will be called is a function: else a client would find out, or nobody. */
function callable({ name, stages = {}, on = [], verbs = {} }: Plugin): void {
  const hooks = [...Object.entries(stages), ...on.map(({ stage, hook }) => [stage.name, hook] as const)];
  const hook = hooks.find(([, it]) => it !== undefined && typeof it !== 'function' && typeof it.handle !== 'function');
  const verb = Object.entries(verbs).find(([, it]) => typeof it.handle !== 'function');
  const [at] = hook ?? verb ?? [];
  if (at !== undefined) throw new Fault('NO_FUNCTION', [name, at]);
}

const nameOf = (of: Dependency): string => (typeof of === 'symbol' ? tokenName(of) : of.name);
const kindOf = (of: Dependency): string => (isKey(of) ? 'key' : isStage(of) ? 'stage' : 'service');
const label = (of: Dependency): string => `the ${kindOf(of)} ${nameOf(of)}`;

type ParameterEntry = [name: string, AnyParameter<'transaction' | 'recipient'>];

function parametersOf({ parameters }: Plugin): ParameterEntry[] {
  return [...Object.entries(parameters?.MAIL ?? {}), ...Object.entries(parameters?.RCPT ?? {})];
}

/** The stages it hooks and the keys its parameters fill are among what it names. */
function declared(plugin: Plugin): void {
  const hooked = (plugin.on ?? []).map(({ stage }) => stage);
  const filled = parametersOf(plugin).map(([, { key }]) => key);
  for (const what of [...hooked, ...filled]) {
    if (!dependencies(plugin).includes(what)) throw new Fault('UNDECLARED', [plugin.name, label(what)]);
  }
}

/** What a verb or parameter hides behind must be offered by somebody. */
function offered(registry: Registry, plugin: Plugin): void {
  for (const [name, { extension }] of [...Object.entries(plugin.verbs ?? {}), ...parametersOf(plugin)]) {
    if (extension !== undefined && !registry.extensions.has(extension.toUpperCase())) {
      throw new Fault('UNKNOWN_EXTENSION', [plugin.name, name, extension]);
    }
  }
}

/** Identity decides: a package installed twice gives two keys of one name that never meet. */
function oneCopy(registry: Registry): void {
  const first = new Map<string, { readonly what: Dependency; readonly by: string }>();
  for (const { it: plugin } of registry.used) {
    for (const what of dependencies(plugin)) {
      const called = label(what);
      const before = first.get(called);
      if (before && before.what !== what) throw new Fault('TWO_COPIES', [called, before.by, plugin.name]);
      first.set(called, before ?? { what, by: plugin.name });
    }
  }
}

/** Somebody provides what is required, and within one stage provides it first. */
function produced(registry: Registry, services: ReadonlyMap<symbol, unknown>): void {
  for (const { it: plugin } of registry.used) {
    for (const what of [...(plugin.requires ?? []), ...(plugin.optional ?? [])]) {
      // Services may also be core's own, or the application's by override.
      if (typeof what === 'symbol' && services.has(what)) continue;
      const producers = registry.used.filter(({ it }) => it.provides?.includes(what)).map(({ it }) => it.name);
      if (producers.length === 0 && plugin.requires?.includes(what)) {
        throw new Fault('MISSING_PRODUCER', [plugin.name, nameOf(what)]);
      }
      if (isKey(what) && !producers.includes(plugin.name)) inOrder(registry, plugin.name, what.name, producers);
    }
  }
}

function inOrder(registry: Registry, consumer: string, what: string, producers: readonly string[]): void {
  for (const [stage, order] of registry.order) {
    const at = order.indexOf(consumer);
    const first = order.findIndex((name) => producers.includes(name));
    const late = at >= 0 && first > at && stage !== 'close';
    if (late) throw new Fault('LATE_PRODUCER', [consumer, what, String(order[first]), stage]);
  }
}
