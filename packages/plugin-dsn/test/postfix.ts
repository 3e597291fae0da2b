import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { environment as env, installed, run } from '../../../tools/programs.ts';

/** A Postfix of this test's own, that sends everything to one server; it ends with its folder when it's disposed. */
export interface Postfix extends AsyncDisposable {
  /** Submits as a local program does, with Postfix's `sendmail`. */
  sendmail(args: readonly string[], message: string): Promise<void>;
  /** What it logged so far. */
  readonly log: () => string;
}

/** Whether there is a Postfix that can be started: root may. */
export const canRunPostfix = process.getuid?.() === 0 && installed('postconf', '-d', 'mail_version');

const programs = `
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
`;

/** Starts it, with a queue in a folder of its own. It speaks to 127.0.0.1 alone, and asks no DNS. */
export async function startPostfix(port: number): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'postfix-'));
  const config = join(folder, 'config');
  for (const name of ['config', 'spool', 'data']) mkdirSync(join(folder, name));
  chmodSync(folder, 0o755);
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => Number(await run('id', [what, 'postfix']))));
  chownSync(join(folder, 'data'), uid ?? 0, gid ?? 0);
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'spool'),
    data_directory: join(folder, 'data'),
    myhostname: 'client.example',
    mydestination: '',
    relayhost: `[127.0.0.1]:${port}`,
    inet_interfaces: 'loopback-only',
    inet_protocols: 'ipv4',
    disable_dns_lookups: 'yes',
    smtp_host_lookup: 'native',
    smtputf8_enable: 'yes',
    // Not its output: that is a socket here, which can't be opened by a name.
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
  };
  writeFileSync(
    join(config, 'main.cf'),
    Object.entries(settings)
      .map((each) => `${each.join(' = ')}\n`)
      .join(''),
  );
  writeFileSync(join(config, 'master.cf'), programs);
  const child = spawn('postfix', ['-c', config, 'start-fg'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const log = (): string => said + (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');
  const over = once(child, 'close');
  const stop = async (): Promise<void> => {
    await run('postfix', ['-c', config, 'stop']).catch(() => child.kill());
    await over;
    rmSync(folder, { recursive: true });
  };
  const started = (): boolean => log().includes('daemon started');
  for (let tries = 0; tries < 1000 && !started() && child.exitCode === null; tries += 1) await wait(20);
  if (!started()) {
    const why = log();
    await stop();
    throw new Error(`postfix does not start: ${why}`);
  }
  return {
    sendmail: async (args, message) => void (await run('sendmail', ['-C', config, ...args], { input: message })),
    log,
    [Symbol.asyncDispose]: stop,
  };
}
