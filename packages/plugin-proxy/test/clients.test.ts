import { describe, expect, it } from 'vitest';
import { installed, run } from '../../../tools/programs.ts';
import { receiver } from './receiver.ts';

const from = ['127.0.0.1'];
const envelope = ['--from', 'ann@example.com', '--to', 'bob@example.org'];
const ends = ['--proxy-source-port', '40000', '--proxy-dest-port', '25'];

describe.skipIf(!installed('swaks', '--version'))('headers of swaks (skipped where it is not installed)', () => {
  const v4 = ['--proxy-source', '192.0.2.7', '--proxy-dest', '198.51.100.25'];
  const v6 = ['--proxy-source', '2001:db8::7', '--proxy-dest', '2001:db8::25'];

  it.each([
    ['version 1, TCP4', ['--proxy-version', '1', '--proxy-family', 'TCP4', ...v4], '192.0.2.7'],
    ['version 1, TCP6', ['--proxy-version', '1', '--proxy-family', 'TCP6', ...v6], '2001:db8::7'],
    ['version 2, INET', ['--proxy-version', '2', '--proxy-family', 'AF_INET', ...v4], '192.0.2.7'],
    ['version 2, INET6', ['--proxy-version', '2', '--proxy-family', 'AF_INET6', ...v6], '2001:db8::7'],
  ])('%s', { timeout: 30_000 }, async (_, header, address) => {
    await using it = receiver({ from });
    const [at] = await it.server.listen({ host: '127.0.0.1' });
    await run('swaks', ['--server', `127.0.0.1:${at!.port}`, '--timeout', '20', ...envelope, ...header, ...ends]);
    expect(it.kept).toMatchObject([{ remote: { address }, socket: { address: '127.0.0.1' } }]);
  });
});

describe.skipIf(!installed('curl', '--version'))('headers of curl (skipped where it is not installed)', () => {
  it('version 1', { timeout: 30_000 }, async () => {
    await using it = receiver({ from });
    const [at] = await it.server.listen({ host: '127.0.0.1' });
    const mail = ['--mail-from', 'ann@example.com', '--mail-rcpt', 'bob@example.org'];
    const url = `smtp://127.0.0.1:${at!.port}/client.example`;
    await run('curl', ['-sS', '--max-time', '20', '--haproxy-protocol', '--crlf', ...mail, '-T', 'package.json', url]);
    expect(it.kept).toMatchObject([{ remote: { address: '127.0.0.1' }, header: { version: 1, family: 'INET' } }]);
  });
});
