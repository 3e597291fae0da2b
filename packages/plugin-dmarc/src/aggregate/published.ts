import type { PolicyRecord } from '../record.ts';

/** What a domain's owner published, defaults filled in (RFC 9990 3.1.1.5). */
export interface Published extends PolicyRecord {
  readonly fo: string;
  /** The addresses that ask for aggregate reports, as published but for an obsolete size; empty: nobody asks. */
  readonly rua: readonly string[];
}

/**
 * What `fo` and `rua` of a record say (RFC 9989 4.7). A value that isn't one of the tag's is the default. At most eight
 * addresses of at most 512 characters count: a record may be of any length.
 */
export function reportingTags(record: string): Pick<Published, 'fo' | 'rua'> {
  const tags = new Map(record.split(';').map(nameAndValue));
  const fo = (tags.get('fo') ?? '').toLowerCase().replaceAll(/\s/g, '');
  return {
    fo: /^[01ds](?::[01ds]){0,3}$/.test(fo) ? fo : '0',
    rua: (tags.get('rua') ?? '')
      .split(',', most.uris)
      .map((uri) => uri.trim().replace(obsoleteSize, ''))
      .filter((uri) => uri.length <= most.octets && reportingUri.test(uri)),
  };
}

const most = { uris: 8, octets: 512 };
const reportingUri = /^[a-z][a-z0-9+.-]*:[!-~]+$/i;
/** RFC 7489 6.2; RFC 9989 has a reader ignore it. */
const obsoleteSize = /!\d+[kmgt]?$/i;

function nameAndValue(tag: string): [string, string] {
  const at = tag.indexOf('=');
  return at < 0 ? [tag.trim(), ''] : [tag.slice(0, at).trim(), tag.slice(at + 1).trim()];
}
