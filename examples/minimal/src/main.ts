import { createServer } from '@maitred/core';

const server = createServer({ hostname: 'mx.example.org' })
  .accept((ctx) => ctx.recipient.path.domain === 'example.org')
  .deliver(async (message) => {
    const text = await message.content.bytes(1_000_000);
    console.log(`${message.sender.mailbox} wrote ${text.length} octets`);
  });

const [bound] = await server.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 2525) });
console.log(`listening on ${bound?.address}:${bound?.port}`);
