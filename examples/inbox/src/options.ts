import { parseArgs } from 'node:util';

/** What the inbox is started with: flags first, then the environment, then defaults. */
export interface InboxOptions {
  readonly host: string;
  /** Plain SMTP, with STARTTLS. */
  readonly port: number;
  /** TLS from the first octet; undefined: not listened on. */
  readonly tlsPort: number | undefined;
  readonly hostname: string;
  /** The folder that becomes a Maildir. */
  readonly maildir: string;
  /** The largest message taken, in octets. */
  readonly maximum: number;
  /** Files in PEM; without them a certificate is made at start, for this run. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Shown by --help. */
export const usage = `Takes mail for any recipient into a local Maildir. Relays nothing.

  --host ADDRESS     where to listen          MAITRED_HOST      127.0.0.1
  --port NUMBER      plain, with STARTTLS     MAITRED_PORT      2525
  --tls-port NUMBER  TLS from the start       MAITRED_TLS_PORT  not listened on
  --hostname NAME    the server's own name    MAITRED_HOSTNAME  localhost
  --maildir FOLDER   where mail is kept       MAITRED_MAILDIR   ./inbox
  --maximum OCTETS   the largest message      MAITRED_MAXIMUM   104857600
  --cert FILE        certificate, PEM         MAITRED_CERT      made at start
  --key FILE         its key, PEM             MAITRED_KEY
  --help             this text
`;

const flags = ['host', 'port', 'tls-port', 'hostname', 'maildir', 'maximum', 'cert', 'key'] as const;

/** Reads flags and environment; `help` when that was asked for. Throws an error that names what is wrong. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): InboxOptions | 'help' {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const name of flags) options[name] = { type: 'string' };
  const { values } = parsed({ args: [...args], options });
  if (values['help'] === true) return 'help';
  const given = (name: (typeof flags)[number]): string | undefined => {
    const value = values[name] ?? env[`MAITRED_${name.replace('-', '_').toUpperCase()}`];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const number = (name: (typeof flags)[number], maximum: number, what: string): number | undefined => {
    const text = given(name);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text) || Number(text) > maximum) throw new RangeError(`--${name} ${text}: ${what}`);
    return Number(text);
  };
  const port = (name: 'port' | 'tls-port'): number | undefined => number(name, 65_535, 'a number up to 65535');
  const [cert, key] = [given('cert'), given('key')];
  if ((cert === undefined) !== (key === undefined)) throw new RangeError('--cert and --key go together');
  return {
    host: given('host') ?? '127.0.0.1',
    port: port('port') ?? 2525,
    tlsPort: port('tls-port'),
    hostname: given('hostname') ?? 'localhost',
    maildir: given('maildir') ?? 'inbox',
    maximum: number('maximum', Number.MAX_SAFE_INTEGER, 'octets, a whole number') ?? 104_857_600,
    cert,
    key,
  };
}

/** Node's own words go on about positional arguments, of which there are none here. */
function parsed(config: Parameters<typeof parseArgs>[0]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [said] = (error as Error).message.split('. ');
    throw new RangeError(`${said}\nsee --help`);
  }
}
