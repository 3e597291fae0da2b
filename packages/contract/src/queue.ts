import { service, type CloseCause, type Plugin } from '@maitred/core';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Waiting } from './atrn.ts';

/** What hands the mail over. */
export type Deliver = Waiting['deliver'];

/** Mail waits for one domain; `deliver` hands it over. */
export function queue(deliver: Deliver, ended: CloseCause[] = []): Plugin {
  return {
    name: 'queue',
    services: [
      service({ token: Waiting, create: () => ({ has: async (domain) => domain === 'client.example', deliver }) }),
    ],
    stages: { close: ({ cause }) => void ended.push(cause) },
  };
}

/** The next line; what follows it stays in the stream. */
export async function line(stream: Duplex): Promise<string> {
  let read = '';
  for (let end = -1; end < 0; end = read.indexOf('\r\n')) {
    const octets = stream.read() as Buffer | null;
    if (octets === null) await once(stream, 'readable');
    else read += octets.toString();
  }
  const end = read.indexOf('\r\n') + 2;
  if (end < read.length) stream.unshift(Buffer.from(read.slice(end)));
  return read.slice(0, end);
}

/** Says a line after each that it reads. */
export const speaks: Deliver = async (_domain, stream) => {
  const greeting = await line(stream);
  stream.write(`EHLO mx.example after ${greeting}`);
  const reply = await line(stream);
  stream.write(`QUIT after ${reply}`);
};
