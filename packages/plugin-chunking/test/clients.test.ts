import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipelining } from '@maitred/plugin-esmtp';
import { describe, expect, it } from 'vitest';
import { expected, installed, run } from '../../../tools/programs.ts';
import { receiver, type Receiver } from './receiver.ts';

const netSmtp = expected('perl', '-MNet::SMTP', '-e', 'exit !Net::SMTP->can("bdatlast")');
// Debian has it or Postfix, not both: tried where it is.
const exim = installed('exim4', '-C', '/dev/null', '-bV');

const which = (program: string): string =>
  spawnSync('sh', ['-c', `command -v ${program}`])
    .stdout.toString()
    .trim();

interface Listening extends Receiver {
  readonly port: number;
  /** The verbs that were run. */
  readonly verbs: string[];
}

async function listening(): Promise<Listening> {
  const verbs: string[] = [];
  const it = receiver(pipelining());
  it.server.on('command', (ctx, next) => {
    verbs.push(ctx.command.verb);
    return next();
  });
  const [bound] = await it.server.listen({ host: '127.0.0.1' });
  return { ...it, port: bound?.port ?? 0, verbs };
}

const perl = String.raw`
  use Net::SMTP;
  my ($port) = @ARGV;
  my $smtp = Net::SMTP->new('127.0.0.1', Port => $port, Hello => 'client.example', Timeout => 10) or die 'no greeting';
  die 'not offered' unless defined $smtp->supports('CHUNKING') && defined $smtp->supports('BINARYMIME');
  for my $nth (1, 2) {
    $smtp->mail('a@client.example', Bits => 'binary') && $smtp->to('b@server.example') or die $smtp->message;
    $smtp->bdat("Subject: $nth\r\n\r\nQUIT\r\n.\r\n") or die $smtp->message;
    $smtp->bdat("bare\n\0\xff\r") or die $smtp->message;
    $smtp->bdatlast('end') or die $smtp->message;
  }
  $smtp->mail('a@client.example', Bits => 'binary') && $smtp->to('nobody@server.example') and die 'taken';
  $smtp->bdatlast("QUIT\r\n") and die 'taken';
  $smtp->reset && $smtp->quit or die $smtp->message;
`;

describe("Perl's Net::SMTP", () => {
  it.skipIf(!netSmtp)('sends binary mail in chunks (needs perl)', { timeout: 30_000 }, async () => {
    await using it = await listening();
    await run('perl', ['-e', perl, String(it.port)]);
    const text = '\r\n\r\nQUIT\r\n.\r\nbare\n\0\xff\rend';
    expect(it.kept.map((message) => message.content)).toEqual([`Subject: 1${text}`, `Subject: 2${text}`]);
    expect(it.verbs.filter((verb) => verb === 'BDAT')).toHaveLength(7);
    expect(it.verbs).not.toContain('DATA');
    expect(it.log.records).toEqual([]);
  });
});

describe('Exim', () => {
  it.skipIf(!exim)('sends what it relays by BDAT, pipelined (needs exim4)', { timeout: 30_000 }, async () => {
    await using it = await listening();
    const folder = await mkdtemp(join(tmpdir(), 'maitred-exim-'));
    await chmod(folder, 0o777); // it works in there as a user of its own
    try {
      await writeFile(
        join(folder, 'exim.conf'),
        `spool_directory = ${folder}/spool
         log_file_path = ${folder}/%s.log
         primary_hostname = client.example
         keep_environment = ^.*
         exim_path = ${which('exim4')}
         untrusted_set_sender = *
         begin routers
         all:
           driver = manualroute
           route_list = * 127.0.0.1
           self = send
           transport = out
         begin transports
         out:
           driver = smtp
           port = ${it.port}
           allow_localhost
           hosts_try_chunking = *
         begin retry
         * * F,1h,5m
        `.replaceAll(/^ +/gm, ''),
      );
      const text = `Subject: relayed\n\n${'.\nQUIT\n..dots\n'.repeat(3000)}`;
      await run(
        'exim4',
        ['-C', join(folder, 'exim.conf'), '-odf', '-oi', '-f', 'a@client.example', 'b@server.example'],
        { input: text },
      );
      expect(it.verbs).toContain('BDAT');
      expect(it.verbs).not.toContain('DATA');
      expect(it.kept).toHaveLength(1);
      expect(it.kept[0]?.content).toContain(`Subject: relayed\r\n`);
      expect(it.kept[0]?.content.endsWith(text.slice(text.indexOf('\n\n')).replaceAll('\n', '\r\n'))).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
