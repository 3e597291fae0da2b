/** Octets: with a unique name or without, no file system takes more than 255. */
const longest = 200;

/** What no name may hold: separators of any system, controls, and characters that aren't seen. */
const bad = /[/\\:\p{C}\p{Zl}\p{Zp}]/u;

/** Hidden, an option, or one that some systems take for another name. */
const badEdge = /^[.\s-]|[.\s]$/u;

/** A Maildir's own folders: a mailbox of that name would lie within the one at the root. */
const own: ReadonlySet<string> = new Set(['tmp', 'new', 'cur']);

/** Whether a name, which a stranger may have made, is safe as that of one folder. */
export function isMailboxName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > longest) return false;
  return !bad.test(name) && !badEdge.test(name) && !own.has(name.toLowerCase());
}
