import { domainToASCII } from 'node:url';
import { isDomain } from '@maitred/core';

/** What the server is started with, from the environment. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly hostname: string;
  /** The domains whose mail is taken: lower case, A-labels. */
  readonly domains: readonly string[];
  /** The folder that becomes a Maildir. */
  readonly maildir: string;
  /** The largest message taken, in octets. */
  readonly maximum: number;
  /** Files in PEM. */
  readonly cert: string;
  readonly key: string;
  /** Proxies whose PROXY header is demanded and believed; none: clients connect directly. */
  readonly proxies: readonly string[];
  /** Networks whose mail is left alone. */
  readonly trusted: readonly string[];
  /** Sealers, by domain, whose ARC chains may override DMARC. */
  readonly sealers: readonly string[];
  /** Addresses of DNS resolvers; none: the machine's. */
  readonly resolvers: readonly string[];
}

/** Reads the environment; throws an error that names the variable at fault. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const text = (name: string, otherwise?: string): string => {
    const value = env[name] ?? otherwise;
    if (value === undefined || value === '') throw new RangeError(`${name} is not set`);
    return value;
  };
  const number = (name: string, otherwise: number, maximum: number): number => {
    const value = text(name, String(otherwise));
    if (!/^\d{1,15}$/.test(value) || Number(value) > maximum) {
      throw new RangeError(`${name} is a number up to ${maximum}, not ${value}`);
    }
    return Number(value);
  };
  return {
    host: text('HOST', '127.0.0.1'),
    port: number('PORT', 25, 65_535),
    hostname: text('MAIL_HOSTNAME', 'localhost'),
    domains: list(text('DOMAINS')).map(domainOf),
    maildir: text('MAILDIR', 'mail'),
    maximum: number('MAXIMUM', 26_214_400, Number.MAX_SAFE_INTEGER),
    cert: text('CERT', 'cert.pem'),
    key: text('KEY', 'key.pem'),
    proxies: list(env['PROXIES']),
    trusted: list(env['TRUSTED']),
    sealers: list(env['SEALERS']),
    resolvers: list(env['RESOLVERS']),
  };
}

const list = (value = ''): string[] => value.split(/[\s,]+/).filter((item) => item !== '');

/** As the domain of a recipient is written that is compared with it. */
function domainOf(name: string): string {
  const domain = domainToASCII(name);
  if (!isDomain(domain)) throw new RangeError(`${name} in DOMAINS is no domain`);
  return domain;
}
