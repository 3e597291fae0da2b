import { parsePath } from '@maitred/core';

/** Who a From field says its authors are. */
export interface Authors {
  /** An address in each of their domains; of the local part nothing is told. Lower case, A-labels. */
  readonly headerFrom: readonly string[];
  /** Whether there is what one reader takes for an address and another for none, or for another one. */
  readonly unreadable: boolean;
}

/**
 * Reads a From field's value (RFC 5322 3.4, 4.4; groups as in RFC 6854). Readers differ in what they make of a broken
 * one, and what one of them shows is the author to its user: so whatever has an at sign, or might get one when encoded
 * words are decoded, is an address that can be read or makes the field unreadable (RFC 9989 11.5). Display names don't
 * count beside an address. Linear.
 */
export function authorsOf(value: string): Authors {
  const domains = new Set<string>();
  let unreadable = false;
  for (const mailbox of mailboxesIn(value)) {
    const domain = domainOf(mailbox);
    if (domain !== undefined) domains.add(domain);
    else if (mentioned.test(mailbox.raw)) unreadable = true;
  }
  return { headerFrom: [...domains].map((domain) => `author@${domain}`), unreadable };
}

/** An at sign, one that some show alike or normalize to it, or words that may hold one. */
const mentioned = /[@\uff20\ufe6b]|=\?/;

/** What stands between two commas. */
interface Mailbox {
  /** As it is written. */
  raw: string;
  /** Without comments, a quoted string as `"`, white space as one space: in front of angle brackets, in them, behind them. */
  parts: [front: string, address: string, behind: string];
  /** Where in that it ended. */
  at: 0 | 1 | 2;
  /** Quotes, a comment, brackets or a group that make no sense. */
  broken: boolean;
}

function* mailboxesIn(value: string): Iterable<Mailbox> {
  let box = empty();
  let inside: '' | '"' | '(' | '[' = '';
  let depth = 0;
  const add = (text: string): void => {
    const part = box.parts[box.at];
    if (text !== ' ' || !part.endsWith(' ')) box.parts[box.at] = part + text;
  };
  for (let at = 0; at < value.length; at += 1) {
    let character = value.charAt(at);
    box.raw += character;
    const escaped = character === '\\' && (inside === '"' || inside === '(');
    if (escaped) box.raw += character = value.charAt((at += 1));
    if (inside === '"') {
      if (character === '"' && !escaped) inside = '';
    } else if (inside === '(') {
      if (!escaped) depth += character === '(' ? 1 : character === ')' ? -1 : 0;
      if (depth === 0) inside = '';
    } else if (inside === '[') {
      add(character);
      if (character === ']') inside = '';
    } else if (character === '"' || (character === '[' && /@ ?$/.test(box.parts[box.at]))) {
      inside = character;
      add(character);
    } else if (character === '(') {
      inside = character;
      depth = 1;
      add(' ');
    } else if (character === '<' && box.at === 0) box.at = 1;
    else if (character === '>' && box.at === 1) box.at = 2;
    else if ((character === ',' || character === ';') && box.at !== 1) {
      yield box;
      box = empty();
    } else if (character === ':' && box.at === 0 && !box.parts[0].includes('@')) box = { ...empty(), raw: box.raw };
    else add(/\s/.test(character) ? ' ' : character);
  }
  box.broken = inside !== '' || box.at === 1;
  yield box;
}

const empty = (): Mailbox => ({ raw: '', parts: ['', '', ''], at: 0, broken: false });

function domainOf({ parts, at, broken }: Mailbox): string | undefined {
  const [front, address, behind] = parts;
  if (broken || shown.test(behind)) return undefined;
  const written = (at === 2 ? address : front).replace(/ ?([.@]) ?/g, '$1').trim();
  // A source route (RFC 5322 4.4).
  const spec = written.startsWith('@') ? written.slice(written.indexOf(':') + 1) : written;
  const [local, domain, ...more] = spec.split('@');
  return domain === undefined || more.length > 0 || local?.includes('<') === true ? undefined : canonical(domain);
}

/** Behind the brackets: another address, or what may hold one. */
const shown = /[@\uff20\ufe6b<"]|=\?/;

/** Names that no host can have, with an underscore, are somebody's in mail. */
function canonical(domain: string): string | undefined {
  if (/^[\w-]+(?:\.[\w-]+)*\.?$/.test(domain)) {
    return domain.length > 255 ? undefined : domain.toLowerCase().replace(/\.$/, '');
  }
  const path = `<author@${domain}>`;
  const parsed = parsePath(path);
  return typeof parsed === 'string' || parsed.rest < path.length ? undefined : parsed.path.domain;
}
