import { describe, expect, it } from 'vitest';
import { expected, run } from '../../../tools/programs.ts';
import { receiver, type Receiver } from './receiver.ts';

async function port({ server }: Receiver): Promise<string> {
  const [bound] = await server.listen({ host: '127.0.0.1' });
  return String(bound?.port);
}

/** Runs a program to its end and gives its lines. */
async function linesOf(program: string, args: readonly string[]): Promise<string[]> {
  const said = await run(program, args, { env: { PYTHONIOENCODING: 'utf-8' } });
  return said.trimEnd().split('\n');
}

const python = `
import smtplib, sys
s = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), local_hostname='client.example', timeout=10)
s.ehlo()
for verb, name in (('vrfy', 'ann@mx.example'), ('vrfy', 'nobody@mx.example'), ('expn', 'staff@mx.example')):
    code, text = getattr(s, verb)(name)
    print(verb, code, text.decode().replace('\\n', ' / '))
s.quit()
`;

const perl = String.raw`
  use Net::SMTP;
  my $smtp = Net::SMTP->new('127.0.0.1', Port => $ARGV[0], Hello => 'client.example', Timeout => 10) or die;
  print $smtp->verify('ann') ? 1 : 0, ' ', $smtp->code, "\n";
  print $smtp->verify('nobody') ? 1 : 0, ' ', $smtp->code, "\n";
  print join('|', $smtp->expand('staff')), "\n";
  $smtp->quit;
`;

const local = { networks: ['127.0.0.0/8'] };

describe("Python's smtplib", () => {
  it.skipIf(!expected('python3', '-c', 'import smtplib'))(
    'hears nothing in the default settings (needs python3)',
    async () => {
      await using it = receiver();
      expect(await linesOf('python3', ['-c', python, await port(it)])).toEqual([
        expect.stringMatching(/^vrfy 252 2\.5\.0 Cannot verify/),
        expect.stringMatching(/^vrfy 252 2\.5\.0 Cannot verify/),
        expect.stringMatching(/^expn 252 2\.5\.0 Cannot expand/),
      ]);
      expect(it.asked).toEqual([]);
    },
  );

  it.skipIf(!expected('python3', '-c', 'import smtplib'))(
    'hears what there is, when it is told (needs python3)',
    async () => {
      await using it = receiver({ expose: { vrfy: local, expn: local } });
      expect(await linesOf('python3', ['-c', python, await port(it)])).toEqual([
        'vrfy 250 2.1.5 Ann Other <ann@mx.example>',
        'vrfy 550 5.1.1 No such user here',
        'expn 550 5.1.1 No such mailing list here',
      ]);
      expect(it.asked).toEqual(['ann@mx.example', 'nobody@mx.example', 'staff@mx.example']);
    },
  );
});

describe("Perl's Net::SMTP", () => {
  it.skipIf(!expected('perl', '-MNet::SMTP', '-e', '1'))('verifies and expands (needs perl)', async () => {
    await using it = receiver({ expose: { vrfy: local, expn: local } });
    const lines = await linesOf('perl', ['-e', perl, await port(it)]);
    expect(lines.slice(0, 2)).toEqual(['1 250', '0 550']);
    expect(lines[2]).toContain('<ann@mx.example>');
    expect(lines.join(' ')).toContain('<bob@mx.example>');
  });
});
