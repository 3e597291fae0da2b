import type { Property, Resinfo } from '@maitred/authentication-results';

/** What an ARC-Authentication-Results field says (RFC 8617 4.1.1). */
export interface Payload {
  /** Who says it: the authserv-id; empty when it can't be read. */
  readonly authservId: string;
  readonly results: readonly Resinfo[];
}

/**
 * Reads an ARC-Authentication-Results field, with its name (RFC 8601 2.2). Takes any text, in linear time. A result begins
 * after a semicolon that no quoted string and no comment holds, so that a stranger's words in one can't become another;
 * one that isn't well-formed is left out whole. Comments are dropped.
 */
export function readPayload(field: string): Payload {
  // `i=1` first, which the chain's check has read, then the authserv-id with or without a version.
  const [, identity = '', ...rest] = partsOf(field.slice(field.indexOf(':') + 1));
  const authservId = named.exec(identity)?.[1];
  return {
    authservId: authservId === undefined ? '' : plain(authservId),
    results: rest.flatMap((part) => resinfo(part) ?? []),
  };
}

/** What stands between semicolons, comments out; one that ends inside a quoted string or a comment isn't among them. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const escaped = character === '\\' && (quoted || depth > 0);
    if (depth === 0) part += escaped ? text.slice(at, at + 2) : character;
    if (escaped) at += 1;
    else if (quoted) quoted = character !== '"';
    else if (depth === 0 && character === '"') quoted = true;
    else if (character === '(') {
      if (depth === 0) part = `${part.slice(0, -1)} `;
      depth += 1;
    } else if (depth > 0 && character === ')') depth -= 1;
    else if (depth === 0 && character === ';') {
      parts.push(part.slice(0, -1));
      part = '';
    }
  }
  return quoted || depth > 0 ? parts : [...parts, part];
}

const value = String.raw`((?:"(?:[^"\\]|\\[^])*")?[^\s"]*)(?=\s|$)`;
const named = new RegExp(String.raw`^\s*${value}(?:\s*\d+)?\s*$`);
const method = /\s*([a-z][\w-]*)(?:\s*\/\s*\d+)?\s*=\s*([a-z][\w-]*)(?=\s|$)/iy;
const reason = new RegExp(String.raw`\s+reason\s*=\s*${value}`, 'iy');
const property = new RegExp(String.raw`\s+([a-z][\w-]*)\s*\.\s*([a-z][\w-]*)\s*=\s*${value}`, 'iy');
/** What some sealers write and no RFC has: `action=none`. */
const other = new RegExp(String.raw`\s+[a-z][\w-]*\s*=\s*${value}`, 'iy');

function resinfo(part: string): Resinfo | undefined {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(part) ?? undefined;
    if (found) at = pattern.lastIndex;
    return found;
  };
  const [, name = '', result = ''] = take(method) ?? [];
  if (name === '') return undefined;
  const why = take(reason)?.[1];
  const properties: Property[] = [];
  while (/\S/.test(part.slice(at))) {
    const [, ptype, key, text = ''] = take(property) ?? [];
    if (ptype !== undefined && key !== undefined) {
      properties.push({ ptype: ptype.toLowerCase(), property: key.toLowerCase(), value: plain(text) });
    } else if (!take(other)) return undefined;
  }
  return {
    method: name.toLowerCase(),
    result: result.toLowerCase(),
    ...(why !== undefined && { reason: plain(why) }),
    properties,
  };
}

/** A value without its quotes, folds and controls. */
const plain = (text: string): string =>
  text
    .replace(/"((?:[^"\\]|\\[^])*)"/, (_, inside: string) => inside.replace(/\\([^])/g, '$1'))
    .replace(/\r?\n/g, '')
    .replace(/[\0-\x1f\x7f]/g, ' ');
