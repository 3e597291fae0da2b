import { Fault } from './errors.ts';
import { CONTRACT, type Dependency, type Plugin } from './plugin.ts';
import { collections, dependencies, isKey, isStage, onions, type Registry } from './registry.ts';
import { tokenName } from './services.ts';

/** Every start-up check of what plugins declared (`services`: token → owner); each fault says how to mend it. */
export function consistent(registry: Registry, services: ReadonlyMap<symbol, string>): void {
  for (const { it: plugin } of registry.used) {
    const contract = (plugin as { '~contract'?: number })['~contract'] ?? CONTRACT;
    if (contract !== CONTRACT) throw new Fault('CONTRACT_VERSION', [plugin.name, String(contract), String(CONTRACT)]);
    for (const name of Object.keys(plugin.stages ?? {})) {
      if (![...onions, ...collections].includes(name as never)) throw new Fault('UNKNOWN_STAGE', [plugin.name, name]);
    }
    declaredHooks(plugin);
    parameterKeys(plugin);
    offered(registry, plugin);
  }
  oneCopy(registry);
  produced(registry, services);
}

const nameOf = (of: Dependency): string => (typeof of === 'symbol' ? tokenName(of) : of.name);
const kindOf = (of: Dependency): string => (isKey(of) ? 'key' : isStage(of) ? 'stage' : 'service');

function declaredHooks(plugin: Plugin): void {
  for (const { stage } of plugin.on ?? []) {
    if (!dependencies(plugin).includes(stage)) throw new Fault('UNDECLARED', [plugin.name, `the stage ${stage.name}`]);
  }
}

function parameterKeys(plugin: Plugin): void {
  const { MAIL = {}, RCPT = {} } = plugin.parameters ?? {};
  for (const { key } of [...Object.values(MAIL), ...Object.values(RCPT)]) {
    if (!dependencies(plugin).includes(key)) throw new Fault('UNDECLARED', [plugin.name, `the key ${key.name}`]);
  }
}

/** What a verb or parameter hides behind must be offered by somebody. */
function offered(registry: Registry, plugin: Plugin): void {
  const { MAIL = {}, RCPT = {} } = plugin.parameters ?? {};
  const all = [plugin.verbs ?? {}, MAIL, RCPT].flatMap((each) => Object.entries<{ extension?: string }>(each));
  for (const [name, { extension }] of all) {
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
      const label = `the ${kindOf(what)} ${nameOf(what)}`;
      const before = first.get(label);
      if (before && before.what !== what) throw new Fault('TWO_COPIES', [label, before.by, plugin.name]);
      first.set(label, before ?? { what, by: plugin.name });
    }
  }
}

/** Somebody provides what is required, and within one stage provides it first. */
function produced(registry: Registry, services: ReadonlyMap<symbol, string>): void {
  const provides = registry.used.map(({ it }) => ({ name: it.name, provides: it.provides ?? [] }));
  for (const { it: plugin } of registry.used) {
    for (const what of [...(plugin.requires ?? []), ...(plugin.optional ?? [])]) {
      const producers = provides.filter((p) => p.provides.includes(what)).map((p) => p.name);
      // Services may also be core's own, or the application's by override.
      if (typeof what === 'symbol' && services.has(what)) continue;
      if (producers.length === 0) {
        if (plugin.requires?.includes(what)) throw new Fault('MISSING_PRODUCER', [plugin.name, nameOf(what)]);
      } else if (isKey(what) && !producers.includes(plugin.name)) {
        inOrder(registry, plugin.name, nameOf(what), producers);
      }
    }
  }
}

function inOrder(registry: Registry, consumer: string, what: string, producers: readonly string[]): void {
  const orders: [string, string[]][] = [
    ...onions.map((name): [string, string[]] => [name, registry.stages[name].map((layer) => layer.owner.name)]),
    ...collections.map((name): [string, string[]] => [name, registry.collected[name].map((hook) => hook.owner.name)]),
  ];
  for (const [stage, order] of orders) {
    const at = order.indexOf(consumer);
    const positions = producers.map((name) => order.indexOf(name)).filter((position) => position >= 0);
    if (at < 0 || stage === 'close' || positions.length === 0) continue;
    const first = Math.min(...positions);
    if (first > at) throw new Fault('LATE_PRODUCER', [consumer, what, String(order[first]), stage]);
  }
}
