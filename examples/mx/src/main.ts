import { certificates, fromFiles } from '@maitred/plugin-starttls';
import { mx } from './mx.ts';
import { readSettings } from './settings.ts';

async function main(): Promise<void> {
  const { host, port, cert, key, ...settings } = readSettings(process.env);
  const certs = await certificates({ default: fromFiles({ cert, key }) });
  const server = mx({ ...settings, certificates: certs, print: (table) => console.log(table) });
  const [bound] = await server.listen({ host, port });
  console.log(`listening on ${bound?.address}:${bound?.port} for ${settings.domains.join(', ')}`);
  const stop = (): void => void server.close({ deadline: 5000 }).then(() => process.exit(0));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.on('SIGHUP', () => void certs.reload().catch((error: unknown) => console.error(error)));
}

main().catch((error: unknown) => {
  console.error(`maitred mx: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
