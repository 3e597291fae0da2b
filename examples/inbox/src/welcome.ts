import type { Peer } from '@maitred/core';

/** What a newcomer reads at start: where we listen, where mail goes, three commands to try. */
export function welcome(plain: Peer, tls: Peer | undefined, root: string): string {
  const { address, port } = plain;
  const host = everywhere.get(address) ?? address;
  const at = bracketed(host);
  const here = bracketed(address);
  const mailer = `require('nodemailer').createTransport({host:'${host}',port:${port},tls:{rejectUnauthorized:false}})`;
  return `maitred inbox
  listening on ${here}:${port}, STARTTLS offered${tls ? `\n  listening on ${here}:${tls.port}, TLS from the start` : ''}
  keeping mail for any recipient in ${root}
  relaying nothing

Try one of these:

  swaks --server ${at}:${port} --from ann@example.com --to bob@example.org

  printf 'Subject: Hello\\n\\nHi Bob\\n' | curl --url smtp://${at}:${port} --crlf --mail-from ann@example.com --mail-rcpt bob@example.org --upload-file -

  node -e "${mailer}.sendMail({from:'ann@example.com',to:'bob@example.org',subject:'Hello',text:'Hi Bob'}).then(console.log)"

Stop with Ctrl-C.
`;
}

/** All addresses, where a server can listen, and one of them, which a client can connect to. */
const everywhere = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
