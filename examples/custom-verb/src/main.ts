import { ticketServer } from './server.ts';

const server = ticketServer(async (message) => {
  process.stdout.write(await message.content.bytes(1_000_000));
});

await server.listen({ host: '127.0.0.1', port: 2525 });
console.log(
  'EHLO you; XTICKET 1; MAIL FROM:<a@example.com> XTICKET=1; RCPT TO:<help@desk.example> … on 127.0.0.1:2525',
);
