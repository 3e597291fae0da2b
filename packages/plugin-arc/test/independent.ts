import { createHash, verify, type KeyObject } from 'node:crypto';

/** What a set of a chain is worth, told without the library that the plugin stands on (RFC 8617 5.1.1, 5.1.2; RFC 6376). */
export interface Worth {
  /** The seal covers the sets up to its own, or its own alone where it says `cv=fail`. */
  readonly seal: boolean;
  /** The message signature covers its fields and the body. */
  readonly signature: boolean;
}

/** Checks the set with this instance; signatures are rsa-sha256 or ed25519-sha256, canonicalization is relaxed. */
export function worthOf(message: string, instance: number, publicKey: KeyObject): Worth {
  const { fields, body } = parts(message);
  const of = (name: string, i: number): string => {
    const found = fields.filter((field) => nameOf(field) === name && Number(/[:;]\s*i=(\d+)/.exec(field)?.[1]) === i);
    if (found.length !== 1) throw new Error(`${found.length} fields ${name} with i=${i}`);
    return String(found[0]);
  };
  const seal = of('arc-seal', instance);
  const signature = of('arc-message-signature', instance);
  const first = tags(seal)['cv'] === 'fail' ? instance : 1;
  let sealed = '';
  for (let i = first; i <= instance; i += 1) {
    sealed += `${relaxed(of('arc-authentication-results', i))}\r\n${relaxed(of('arc-message-signature', i))}\r\n`;
    sealed += i === instance ? relaxed(unsigned(seal)) : `${relaxed(of('arc-seal', i))}\r\n`;
  }
  return {
    seal: verifies(sealed, seal, publicKey),
    signature: tags(signature)['bh'] === bodyHash(body) && verifies(signedBy(signature, fields), signature, publicKey),
  };
}

/** The tags of a seal or a message signature, white space out. */
export function tags(field: string): Record<string, string> {
  const list = field.slice(field.indexOf(':') + 1).replace(/\s+/g, '');
  return Object.fromEntries(list.split(';').flatMap((tag) => (tag === '' ? [] : [tag.split(/=(.*)/s).slice(0, 2)])));
}

function parts(message: string): { fields: string[]; body: string } {
  const end = message.indexOf('\r\n\r\n');
  const header = end === -1 ? message : message.slice(0, end + 2);
  const fields = header.match(/^[^\s:]+[ \t]*:(?:.*\r\n)(?:[ \t].*\r\n)*/gm) ?? [];
  return { fields, body: end === -1 ? '' : message.slice(end + 4) };
}

const nameOf = (field: string): string => field.slice(0, field.indexOf(':')).trim().toLowerCase();

const relaxed = (field: string): string =>
  `${nameOf(field)}:${field
    .slice(field.indexOf(':') + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`;

const unsigned = (field: string): string => field.replace(/(;\s*b=)[^;]*/, '$1');

function bodyHash(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  const canonical = lines.join('\r\n').replace(/(?:\r\n)*$/, '');
  return createHash('sha256')
    .update(canonical === '' ? '' : `${canonical}\r\n`)
    .digest('base64');
}

function signedBy(signature: string, fields: readonly string[]): string {
  const left = fields.toReversed();
  const covered = (tags(signature)['h'] ?? '').split(':').flatMap((name) => {
    const at = left.findIndex((field) => nameOf(field) === name.toLowerCase());
    return at === -1 ? [] : left.splice(at, 1).map((field) => `${relaxed(field)}\r\n`);
  });
  return covered.join('') + relaxed(unsigned(signature));
}

function verifies(text: string, field: string, publicKey: KeyObject): boolean {
  const { a, b = '' } = tags(field);
  const octets = Buffer.from(text);
  const signature = Buffer.from(b, 'base64');
  if (a === 'rsa-sha256') return verify('sha256', octets, publicKey, signature);
  return verify(null, createHash('sha256').update(octets).digest(), publicKey, signature);
}
