import { createServer, type Message } from '@maitred/core';
import { Proxied, proxy } from '@maitred/plugin-proxy';
import { certificates, fromFiles, starttls } from '@maitred/plugin-starttls';

const { PORT = '2525', TLS_PORT = '4650', PROXIES = '127.0.0.1,::1', CERT = 'cert.pem', KEY = 'key.pem' } = process.env;

const certs = await certificates({ default: fromFiles({ cert: CERT, key: KEY }) });

/** Who wrote, from where, and by way of whom. */
function account(message: Message, octets: number): string {
  const { sender, remote, socket, tls } = message;
  const version = message.get(Proxied)?.version;
  const through = `through ${socket.address}, PROXY version ${version}, ${tls?.protocol ?? 'in plaintext'}`;
  return `${sender.mailbox} at ${remote.address} wrote ${octets} octets, ${through}`;
}

const server = createServer({ hostname: 'mx.example.org' })
  // Who is listed says who the client is. List your proxies alone: from elsewhere these ports take nobody.
  .use(proxy({ from: PROXIES.split(',') }), starttls({ certificates: certs }))
  .accept((ctx) => ctx.recipient.path.domain === 'example.org')
  .deliver(async (message) => {
    const { length } = await message.content.bytes(1_000_000);
    console.log(account(message, length));
  });

const bound = await server.listen(
  { host: '127.0.0.1', port: Number(PORT) },
  { host: '127.0.0.1', port: Number(TLS_PORT), tls: certs.settings },
);
for (const { address, port } of bound) console.log(`listening on ${address}:${port}`);

process.once('SIGTERM', () => void server.close({ deadline: 1000 }));
