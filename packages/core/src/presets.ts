import { Fault } from './errors.ts';
import type { Declaration, Plugin, PluginClass } from './plugin.ts';
import { data } from './verbs/data.ts';
import { hello } from './verbs/hello.ts';
import { mail } from './verbs/mail.ts';
import { privacy } from './verbs/privacy.ts';
import { received } from './verbs/received.ts';
import { session } from './verbs/session.ts';

/** Anything `use` takes by name. */
export type AnyPlugin = Plugin | PluginClass;

/** RFC 5321's own verbs and trace field: what a server uses unless `base` says otherwise. */
export function basics(): Plugin[] {
  return [hello(), mail(), data(), session(), privacy(), received()];
}

/** The list without the plugin of that name. Throws when the list has none. */
export function without<P extends AnyPlugin>(list: readonly P[], name: string): P[] {
  return list.toSpliced(indexOf(list, name), 1);
}

/** The list with `plugins` put before the plugin of that name. Throws when the list has none. */
export function before<P extends AnyPlugin>(list: readonly P[], name: string, ...plugins: P[]): P[] {
  return list.toSpliced(indexOf(list, name), 0, ...plugins);
}

/** What a plugin says of itself, be it an object or a class; undefined for what is neither, such as a factory nobody called. */
export function declarationOf(plugin: AnyPlugin): Declaration | undefined {
  return typeof plugin === 'function' ? plugin.plugin : plugin;
}

function indexOf(list: readonly AnyPlugin[], name: string): number {
  const at = list.findIndex((plugin) => declarationOf(plugin)?.name === name);
  if (at < 0) throw new Fault('UNKNOWN_PLUGIN', [name]);
  return at;
}
