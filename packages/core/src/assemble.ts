import { consistent } from './checks.ts';
import { Clock, systemClock } from './clock.ts';
import { ContentStore } from './content.ts';
import type { House } from './house.ts';
import { Fault } from './errors.ts';
import { defaultDeadlines, defaultLimits, type Deadlines, type TimedStage } from './limits.ts';
import { consoleLog, guarded, Log } from './log.ts';
import type { Declaration, Plugin } from './plugin.ts';
import { declarationOf, type AnyPlugin } from './presets.ts';
import { Registry, type Used } from './registry.ts';
import { Texts, textsOf } from './replies.ts';
import type { ServerOptions } from './server.ts';
import { service, Services, tokenName, type AnyService } from './services.ts';
import { numbers, onlyKnown } from './settings.ts';
import { spool } from './spool.ts';
import { isAddressLiteral, isDomain } from './wire/domain.ts';

/** A server's parts, put together and checked: nothing of it has run yet. */
export interface Assembly {
  readonly house: House;
  readonly services: Services;
  /** Sets the plugins up, in `use` order; what was set up is closed again when one fails. */
  setup(): Promise<void>;
  /** Closes the plugins in reverse order, then disposes the services. */
  close(): Promise<void>;
}

/** Registers services, makes injectable plugins, fills the tables, checks everything. Throws faults that say what to mend. */
export function assemble(
  options: ServerOptions,
  used: readonly Used<AnyPlugin>[],
  overrides: readonly AnyService[],
): Assembly {
  onlyKnown('createServer', options, optionNames);
  const { hostname, ignoredParameters: { MAIL = ignored.MAIL, RCPT = ignored.RCPT } = {} } = options;
  const named = typeof hostname === 'string' && (isDomain(hostname) || isAddressLiteral(hostname));
  if (!named) throw new Fault('BAD_HOSTNAME', [hostname]);
  const services = new Services();
  const catalogue = textsOf(options.replies ?? {}, (entry, err) => {
    guarded(services.inject(Log)).error({ text: entry, err }, `the text ${entry} failed`);
  });
  services.register(service({ token: Clock, create: () => systemClock }), 'core');
  services.register(service({ token: Log, create: () => consoleLog }), 'core');
  services.register(service({ token: ContentStore, create: () => spool() }), 'core');
  services.register(service({ token: Texts, create: () => catalogue }), 'core');
  const names = new Set<string>();
  for (const { plugin } of used) {
    const { name, services: theirs = [] }: Partial<Declaration> = declarationOf(plugin) ?? {};
    if (!name) throw new Fault('NOT_A_PLUGIN', [typeof plugin]);
    if (names.has(name)) throw new Fault('DUPLICATE_PLUGIN', [name]);
    names.add(name);
    for (const each of theirs) services.register(each, name);
  }
  for (const each of overrides) services.register(each, 'the application', true);
  services.resolveAll();
  const limits = Object.freeze(numbers('limits', defaultLimits, options.limits));
  const made = used.map(({ plugin, free = false }) => ({ plugin: construct(services, plugin), free }));
  const registry = new Registry(made, limits.commandLine);
  consistent(registry, services.registered);
  const house: House = {
    hostname,
    registry,
    catalogue,
    limits,
    deadlines: deadlinesOf(options, registry),
    // A word that is none of these must not make us lenient.
    bareLineEndings: options.bareLineEndings === 'convert' ? 'convert' : 'refuse',
    talkingAhead: options.talkingAhead === 'allow' ? 'allow' : 'refuse',
    ignoredParameters: { MAIL, RCPT },
    content: services.inject(ContentStore),
    clock: services.inject(Clock),
    log: guarded(services.inject(Log)),
    inject: services.inject,
  };
  return { house, services, ...lifecycle(house, services) };
}

/** A very large sender adds this one unasked. */
const ignored: House['ignoredParameters'] = { MAIL: ['AUTH'], RCPT: [] };

const optionNames = 'hostname replies limits deadlines bareLineEndings talkingAhead ignoredParameters base'.split(' ');

function deadlinesOf({ deadlines = {} }: ServerOptions, registry: Registry): Deadlines {
  const { stages: defaults, ...others } = defaultDeadlines;
  const { stages, ...given } = deadlines;
  const timed = [...registry.order.keys(), ...Array.from(registry.declared.keys(), ({ name }) => name), ...parts];
  return { ...numbers('deadlines', others, given), stages: numbers('deadlines.stages', defaults, stages, timed) };
}

/** What has a deadline as stages do. */
const parts: readonly TimedStage[] = ['prologue', 'verb', 'after', 'prepare', 'commit'];

function construct(services: Services, plugin: AnyPlugin): Plugin {
  if (typeof plugin !== 'function') return plugin;
  for (const what of plugin.plugin.requires ?? []) {
    // The container's own account would not say whose it is.
    const missing = typeof what === 'symbol' && !services.registered.has(what);
    if (missing) throw new Fault('MISSING_PRODUCER', [plugin.plugin.name, tokenName(what)]);
  }
  // The instance keeps its methods' `this`: declarations are added to it, not it to them.
  return Object.assign(services.construct(plugin), plugin.plugin);
}

function lifecycle(house: House, services: Services): Pick<Assembly, 'setup' | 'close'> {
  const ready: Plugin[] = [];
  const stopping = new AbortController();
  const within = async (name: string, what: 'setup' | 'close' | 'dispose', work: () => unknown): Promise<void> => {
    const done = new AbortController();
    const late = house.clock.sleep(house.deadlines.stage, done.signal).then(() => {
      throw new Fault('TOO_LATE', [name, what]);
    });
    try {
      await Promise.race([late, (async () => work())()]);
    } finally {
      done.abort();
    }
  };
  const ended = (kind: 'plugin' | 'service', name: string, what: 'close' | 'dispose', work: () => unknown) =>
    within(name, what, work).catch((err: unknown) => {
      house.log.error({ [kind]: name, err }, `${name} failed to ${what}`);
    });
  const closing = async (): Promise<void> => {
    stopping.abort(new Error('the server closes'));
    for (const plugin of ready.toReversed()) await ended('plugin', plugin.name, 'close', () => plugin.close?.());
    await services.dispose((name, dispose) => ended('service', name, 'dispose', dispose));
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closing());
  const setup = async (): Promise<void> => {
    const host = { hostname: house.hostname, inject: house.inject, signal: stopping.signal };
    for (const { it: plugin } of house.registry.used) {
      try {
        await within(plugin.name, 'setup', () => plugin.setup?.(host));
        ready.push(plugin);
      } catch (cause) {
        await close();
        throw new Fault('SETUP_FAILED', [plugin.name, cause instanceof Error ? cause.message : String(cause)], {
          cause,
        });
      }
    }
  };
  return { setup, close };
}
