import { resolve } from 'node:path';
import { certificates, fromFiles } from '@maitred/plugin-starttls';
import { selfSigned } from './certificate.ts';
import { whyNot } from './failure.ts';
import { inbox } from './inbox.ts';
import { readOptions, usage } from './options.ts';
import { stopOnSignals } from './stop.ts';
import { welcome } from './welcome.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') return void process.stdout.write(usage);
  const { host, port, tlsPort, hostname, maximum } = options;
  const root = resolve(options.maildir);
  const pair =
    options.cert !== undefined && options.key !== undefined
      ? fromFiles({ cert: options.cert, key: options.key })
      : await selfSigned(hostname);
  const certs = await certificates({ default: pair });
  const server = inbox({ hostname, root, maximum, certificates: certs, print: (line) => console.log(line) });
  const [plain, tls] = await server.listen(
    { host, port },
    ...(tlsPort === undefined ? [] : [{ host, port: tlsPort, tls: certs.settings }]),
  );
  if (plain) console.log(welcome(plain, tls, root));
  stopOnSignals(server, (line) => console.log(line));
}

main().catch((error: unknown) => {
  console.error(`maitred inbox: ${whyNot(error)}`);
  process.exitCode = 1;
});
