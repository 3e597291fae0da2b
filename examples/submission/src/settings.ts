import type { Smarthost } from './handover.ts';

/** What the server is started with, from the environment. */
export interface Settings {
  readonly host: string;
  /** Submission with STARTTLS, and with implicit TLS (RFC 8314). */
  readonly port: number;
  readonly tlsPort: number;
  readonly hostname: string;
  /** The largest message taken, in octets. */
  readonly maximum: number;
  /** Files. */
  readonly cert: string;
  readonly key: string;
  readonly users: string;
  readonly next: Smarthost;
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
    port: number('PORT', 587, 65_535),
    tlsPort: number('TLS_PORT', 465, 65_535),
    hostname: text('MAIL_HOSTNAME', 'localhost'),
    maximum: number('MAXIMUM', 26_214_400, Number.MAX_SAFE_INTEGER),
    cert: text('CERT', 'cert.pem'),
    key: text('KEY', 'key.pem'),
    users: text('USERS', 'users.json'),
    next: smarthost(text('SMARTHOST')),
  };
}

/** `smtp://host:port`, `smtps://user:password@host` … */
function smarthost(text: string): Smarthost {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    // Not the value: it may have a password in it.
    throw new RangeError('SMARTHOST is smtp://host:port or smtps://user:password@host');
  }
  const secure = url.protocol === 'smtps:';
  const { hostname, port, username, password } = url;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}
