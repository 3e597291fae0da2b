import type { SpfWord } from '@maitred/authentication-results';
import { safeText } from './safe-text.ts';

/** A result in words (RFC 7208 2.6), of one line of printable ASCII. */
export function describe(
  result: SpfWord,
  { domain, ip }: { readonly domain: string; readonly ip: string },
  why = 'no more is known',
): string {
  const name = safeText(domain) ?? 'no domain';
  switch (result) {
    case 'pass':
      return `${name} permits ${ip}`;
    case 'fail':
      return `${name} does not permit ${ip}`;
    case 'softfail':
      return `${name} may not permit ${ip}`;
    case 'neutral':
      return `${name} says nothing of ${ip}`;
    case 'permerror':
      return `the record of ${name} is in error: ${why}`;
    case 'temperror':
      return `${name} could not be asked: ${why}`;
    default:
      return `${name} has no record`;
  }
}
