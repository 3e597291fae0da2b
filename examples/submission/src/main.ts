import { readFile } from 'node:fs/promises';
import { memoryDirectory, type MemoryUser } from '@maitred/plugin-auth';
import { certificates, fromFiles } from '@maitred/plugin-starttls';
import { readSettings } from './settings.ts';
import { submission } from './submission.ts';

async function main(): Promise<void> {
  const { host, port, tlsPort, hostname, maximum, cert, key, users, next } = readSettings(process.env);
  const certs = await certificates({ default: fromFiles({ cert, key }) });
  const directory = await memoryDirectory(JSON.parse(await readFile(users, 'utf8')) as MemoryUser[]);
  const server = submission({ hostname, maximum, certificates: certs, directory, next });
  const bound = await server.listen({ host, port }, { host, port: tlsPort, tls: certs.settings });
  for (const { address, port } of bound) console.log(`listening on ${address}:${port}`);
  const stop = (): void => void server.close({ deadline: 5000 }).then(() => process.exit(0));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.on('SIGHUP', () => void certs.reload().catch((error: unknown) => console.error(error)));
}

main().catch((error: unknown) => {
  console.error(`maitred submission: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
