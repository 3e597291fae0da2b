import { domainToASCII } from 'node:url';

/**
 * Tells the fields that a stranger must not have written: an `Authentication-Results` that bears an authserv-id of ours
 * (RFC 8601 5), and what only the receiver may say: `Received-SPF`, `Return-Path`, `BIMI-Location`, `BIMI-Indicator` and
 * whatever else begins so. `BIMI-Selector` is the author's own, signed by the author, and stays.
 */
export function forgedBy(ours: readonly string[]): (name: string, value: string) => boolean {
  const ids = new Set(ours.map(canonical));
  return (name, value) => {
    const field = name.toLowerCase();
    // Nobody has an encoded word for a name (RFC 2047 5); some readers decode it.
    if (field === 'authentication-results') {
      const words = identities(value);
      const bears = (id: string): boolean => id.length > longestName || id.includes('=?') || ids.has(canonical(id));
      return words.length > mostWords || words.some(bears);
    }
    if (field === 'received-spf' || field === 'return-path') return true;
    return field.startsWith('bimi-') && field !== 'bimi-selector';
  };
}

/**
 * An authserv-id and a version are two words. With more than these a field is nobody's, and is removed unread: to convert
 * each of thousands would hold up everybody else.
 */
const mostWords = 32;
/** Octets of a domain (RFC 5321 4.5.3.1.2), and as many again for what is not shown. */
const longestName = 510;

/** However it is spelled: case, a final dot, U-labels, and characters that are not shown. */
function canonical(id: string): string {
  const plain = id
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .toLowerCase()
    .replace(/\.$/, '');
  return /^[ -~]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}

/**
 * What a reader may take for the field's authserv-id: every word in front of the first semicolon behind one that no quotes
 * and no comment hold. A sloppy reader takes the first of them, whatever the grammar says; and where quotes or a comment
 * don't end, any word of the field. Linear.
 */
function identities(value: string): string[] {
  const words: string[] = [];
  let word = '';
  let depth = 0;
  let quoted = false;
  const end = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (let at = 0; at < value.length && words.length <= mostWords; at += 1) {
    let character = value.charAt(at);
    if (character === '\\' && (quoted || depth > 0)) {
      at += 1;
      character = value.charAt(at);
    } else if (character === '"' && depth === 0) {
      quoted = !quoted;
      continue;
    } else if (character === '(' && !quoted) depth += 1;
    else if (character === ')' && depth > 0) {
      depth -= 1;
      continue;
    } else if (character === ';' && !quoted && depth === 0) {
      end();
      if (words.length > 0) return words;
      continue;
    }
    if (depth > 0) end();
    else if (!quoted && /[\s/,:]/.test(character)) end();
    else word += character;
  }
  end();
  return quoted || depth > 0 ? [...words, ...value.split(/[\s"();,:\\/]+/, mostWords + 1)] : words;
}
