import { Buffer } from 'node:buffer';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { report } from './report.ts';

// What sockets cost in Node before anybody reads SMTP: canned replies to the first letter of a line, and content that is
// only looked at for its end. Nothing is checked, and nothing is safe: this is a floor, not a server.
const replies: Readonly<Record<string, string>> = {
  E: '250-mx.example.com\r\n250-PIPELINING\r\n250 SIZE 1073741824\r\n',
  M: '250 2.1.0 Sender OK\r\n',
  R: '250 2.1.5 Recipient OK\r\n',
  D: '354 End data with <CR><LF>.<CR><LF>\r\n',
  Q: '221 2.0.0 mx.example.com closing\r\n',
};
const kept = '250 2.0.0 Kept\r\n';
const end = Buffer.from('\r\n.\r\n');

function serve(socket: Socket): void {
  let inData = false;
  let tail = Buffer.alloc(0);
  const content = (chunk: Buffer, from: number): number => {
    const found = chunk.indexOf(end, from);
    const seam = Buffer.concat([tail, chunk.subarray(Math.max(from, chunk.length - 4))]);
    inData = found === -1 && !seam.includes(end);
    tail = inData ? seam.subarray(-4) : Buffer.alloc(0);
    return found === -1 ? chunk.length : found + end.length;
  };
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    let out = '';
    let quit = false;
    for (let at = 0; at < chunk.length;) {
      if (inData) {
        at = content(chunk, at);
        if (!inData) out += kept;
        continue;
      }
      const verb = String.fromCharCode(chunk[at] as number);
      out += replies[verb] ?? '500 What?\r\n';
      inData = verb === 'D';
      quit ||= verb === 'Q';
      at = chunk.indexOf(0x0a, at) + 1 || chunk.length;
    }
    if (out !== '') socket.write(out, 'latin1');
    if (quit) socket.end();
  });
  socket.write('220 mx.example.com\r\n');
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => report((server.address() as AddressInfo).port));
