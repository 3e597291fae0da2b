import type { Resolver } from '@maitred/authentication-results';
import { loadDmarc, type DmarcCall } from '@maitred/authentication-results/mailauth';
import { isDomain } from '@maitred/core';
import type { AggregateReport } from './attachment.ts';
import { reportingTags } from './published.ts';

/**
 * The mail addresses a report may be sent to (RFC 9990 4): those of the organization that it is about, and those whose
 * domain's owner agreed to have it, who may name another address of that domain. Without that anybody could have a
 * stranger flooded. What isn't a `mailto:` is left out.
 *
 * Rejects where the DNS doesn't answer now: try again later.
 */
export async function reportDestinations(
  { domain, rua }: Pick<AggregateReport, 'domain' | 'rua'>,
  resolver: Resolver,
): Promise<string[]> {
  const call = await loadDmarc();
  const home = await organizationOf(domain, call, resolver);
  const destinations = new Set<string>();
  for (const { address, host } of addresses(rua)) {
    const theirs = host === domain || (await organizationOf(host, call, resolver)) === home;
    for (const agreed of theirs ? [address] : await consented(domain, address, host, resolver))
      destinations.add(agreed);
  }
  return [...destinations];
}

async function organizationOf(domain: string, call: DmarcCall, resolver: Resolver): Promise<string> {
  const nothing = { fromFields: 1, spfDomains: [], dkimDomains: [], strict: true };
  const { response } = await call({ ...nothing, headerFrom: [`reports@${domain}`], resolver });
  if (response === false || response.status.result === 'temperror') {
    throw new Error(`the DNS doesn't tell whose domain ${domain} is`);
  }
  return response.domain;
}

async function consented(domain: string, address: string, host: string, resolver: Resolver): Promise<string[]> {
  const name = `${domain}._report._dmarc.${host}`;
  if (name.length > 253) return [];
  const records = (await texts(name, resolver)).filter((record) => /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(record));
  if (records.length === 0) return [];
  const instead = records.flatMap((record) => reportingTags(record).rua);
  if (instead.length === 0) return [address];
  const named = addresses(instead);
  // One that leads elsewhere again makes all of it void.
  return named.every((other) => other.host === host) ? named.map((other) => other.address) : [];
}

async function texts(name: string, resolver: Resolver): Promise<string[]> {
  try {
    return (await resolver(name, 'TXT')).map((strings) => strings.join('').trim());
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes((error as { readonly code?: string }).code ?? '')) return [];
    throw error;
  }
}

function addresses(uris: readonly string[]): { readonly address: string; readonly host: string }[] {
  return uris.flatMap((uri) => {
    const [, written = ''] = /^mailto:([^?]*)/i.exec(uri) ?? [];
    const [, address = '', host = ''] = /^([!-~]+@([^@]+))$/.exec(decoded(written)) ?? [];
    return isDomain(host) && !/[\s,;:<>()"[\]\\]/.test(address) ? [{ address, host: host.toLowerCase() }] : [];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
