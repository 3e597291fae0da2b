import { domainToASCII } from 'node:url';
import { isDomain } from '@maitred/core';

/** What is known by host names: `mx.example.org`, or `*.example.org` for every name with one label more (RFC 6125 6.4.3). */
export class ServerNames<T> {
  readonly #exact = new Map<string, T>();
  readonly #wild = new Map<string, T>();

  /** Throws a `RangeError` that names the name when it is none, or is there already. */
  add(name: string, value: T): void {
    const wild = name.startsWith('*.');
    const host = canonical(wild ? name.slice(2) : name);
    const table = wild ? this.#wild : this.#exact;
    if (host === undefined) throw new RangeError(`${JSON.stringify(name)} is no host name`);
    if (table.has(host)) throw new RangeError(`${JSON.stringify(name)} is there twice`);
    table.set(host, value);
  }

  /** What fits best the name that a client asked for (SNI, RFC 6066 3); undefined when nothing does. */
  find(asked: string): T | undefined {
    const host = asked.toLowerCase();
    const dot = host.indexOf('.');
    return this.#exact.get(host) ?? (dot > 0 ? this.#wild.get(host.slice(dot + 1)) : undefined);
  }
}

/** Names are compared in lower case and as A-labels: so they are on the wire. */
function canonical(name: string): string | undefined {
  const host = /^[!-~]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  return isDomain(host) ? host : undefined;
}
