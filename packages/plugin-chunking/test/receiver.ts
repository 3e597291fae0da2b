import { basics, createServer, Log, without, type Server, type ServerOptions, type Usable } from '@maitred/core';
import { enhancedStatusCodes, eightBitMime } from '@maitred/plugin-esmtp';
import { memoryLog, type Client, type MemoryLog, type Way } from '@maitred/testing';
import { chunking, type ChunkingOptions } from '../src/index.ts';

/** A message as it was kept. */
export interface Kept {
  readonly from: string;
  readonly to: readonly string[];
  /** Its octets, one a character. */
  readonly content: string;
}

/** A server with CHUNKING that takes mail for anybody but `nobody`, and keeps it as it came: without a `Received:`. */
export interface Receiver extends AsyncDisposable {
  readonly server: Server;
  readonly kept: Kept[];
  readonly log: MemoryLog;
}

/** What {@link receiver} is made with. */
export interface ReceiverOptions extends Partial<ServerOptions> {
  readonly chunking?: ChunkingOptions;
}

export function receiver(plugins: Usable = [], { chunking: how, ...options }: ReceiverOptions = {}): Receiver {
  const kept: Kept[] = [];
  const log = memoryLog();
  const server = createServer({ hostname: 'mx.example', base: without(basics(), 'received'), ...options })
    .override(Log, log)
    .use(enhancedStatusCodes(), eightBitMime(), chunking(how), plugins)
    .accept(({ recipient }) => recipient.path.local !== 'nobody')
    .deliver(async ({ sender, recipients, content }) => {
      const octets = await content.bytes(64 * 1024 * 1024);
      kept.push({
        from: sender.mailbox,
        to: recipients.map(({ path }) => path.mailbox),
        content: octets.toString('latin1'),
      });
    });
  return { server, kept, log, [Symbol.asyncDispose]: () => server.close({ deadline: 0 }) };
}

/** A BDAT command and its chunk, which has one octet a character. */
export function bdat(content: string, last?: 'LAST'): Buffer {
  return Buffer.from(`BDAT ${content.length}${last ? ' LAST' : ''}\r\n${content}`, 'latin1');
}

/** A client that has greeted. */
export async function greeted({ open }: Way, { server }: Receiver): Promise<Client> {
  const client = await open(server);
  await client.hello();
  return client;
}

/** A client with a sender and a recipient: what comes next is content. */
export async function ready(way: Way, receiver: Receiver, parameters = ''): Promise<Client> {
  const client = await greeted(way, receiver);
  await client.command(`MAIL FROM:<a@client.example>${parameters}`);
  await client.command('RCPT TO:<b@server.example>');
  return client;
}
