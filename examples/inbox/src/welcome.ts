import type { Peer } from '@maitred/core';

/** What a newcomer reads at start: where we listen, where mail goes, three commands to try. */
export function welcome(plain: Peer, tls: Peer | undefined, root: string): string {
  const { address: host, port } = plain;
  const at = host.includes(':') ? `[${host}]` : host;
  const mailer = `require('nodemailer').createTransport({host:'${host}',port:${port},tls:{rejectUnauthorized:false}})`;
  return `maitred inbox
  listening on ${at}:${port}, STARTTLS offered${tls ? `\n  listening on ${at}:${tls.port}, TLS from the start` : ''}
  keeping mail for any recipient in ${root}
  relaying nothing

Try one of these:

  swaks --server ${at}:${port} --from ann@example.com --to bob@example.org

  printf 'Subject: Hello\\n\\nHi Bob\\n' | curl --url smtp://${at}:${port} --crlf --mail-from ann@example.com --mail-rcpt bob@example.org --upload-file -

  node -e "${mailer}.sendMail({from:'ann@example.com',to:'bob@example.org',subject:'Hello',text:'Hi Bob'}).then(console.log)"

Stop with Ctrl-C.
`;
}
