import type { Contestant } from './subject.ts';

/** Who is measured. */
export interface Field {
  readonly contestants: readonly Contestant[];
  /** The name of the one that all others are compared with. */
  readonly peer: string;
  /** The name of the one that the targets are for. */
  readonly ours: string;
}

const ours = new URL('./servers/ours.ts', import.meta.url);
const theirs = new URL('./servers/theirs.ts', import.meta.url);
const bare = new URL('./servers/bare.ts', import.meta.url);

/** With the everyday extensions. */
export const maitred: Contestant = { name: 'maitred', program: ours };
export const smtpServer: Contestant = { name: 'smtp-server', program: theirs };
/** With the wait before its greeting that has no option. */
export const smtpServerAsShipped: Contestant = {
  ...smtpServer,
  name: 'smtp-server, as shipped',
  args: ['--as-shipped'],
};
/** Canned replies: what Node's sockets cost, without SMTP. */
export const bareSocket: Contestant = { name: 'bare socket', program: bare };

/** Without any extension. */
export const coreAlone: Contestant = { name: 'maitred, core alone', program: ours, args: ['--core-alone'] };

/** Ours with asynchronous middlewares on every stage that is an onion. */
export function withMiddlewares(count: number): Contestant {
  return { name: `maitred, ${count} middlewares`, program: ours, args: ['--middlewares', String(count)] };
}

/** Ours and the peer, and what else was asked for. */
export function field(more: readonly Contestant[]): Field {
  return { contestants: [maitred, smtpServer, ...more], peer: smtpServer.name, ours: maitred.name };
}
