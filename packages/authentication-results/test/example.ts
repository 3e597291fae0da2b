import { Buffer } from 'node:buffer';
import { Clock, createServer, definePlugin, type Plugin } from '@maitred/core';
import { fakeDns, inMemory, type Client, type FakeDns } from '@maitred/testing';
import {
  Dns,
  Examined,
  examiner,
  type ExaminationOptions,
  type Examiner,
  type Findings,
  type Wants,
} from '../src/index.ts';

/** A server whose plugins want something of the pass, and a client that sends content. */
export interface Example extends AsyncDisposable {
  readonly dns: FakeDns;
  readonly findings: Findings[];
  /** Sends content in chunks of any size; `binary`: as BODY=BINARYMIME brings it. */
  send(content: string, options?: { readonly size?: number; readonly binary?: boolean }): Promise<string>;
}

/** A plugin that wants something of the pass. */
export function wanting(name: string, wants: Wants, found: Findings[], options?: ExaminationOptions): Plugin {
  let examine: Examiner | undefined;
  return definePlugin({
    name,
    requires: [Dns, Clock],
    provides: [Examined],
    setup: async () => {
      examine = await examiner(options);
    },
    stages: {
      body: (ctx) => examine?.(ctx, wants),
      message: async (message, next) => {
        found.push(await message.need(Examined).findings());
        return next();
      },
    },
  });
}

/** Makes one; `others` come before. */
export async function example(
  wants: readonly Wants[],
  options: ExaminationOptions = {},
  others: Plugin[] = [],
): Promise<Example> {
  const dns = fakeDns();
  const findings: Findings[] = [];
  let next = { content: Buffer.alloc(0), size: 1, binary: false };
  const feed = definePlugin({
    name: 'feed',
    verbs: {
      FEED: {
        handle: async (verb) => {
          const { content, size, binary } = next;
          const body = await verb.openBody('chunks', { binary });
          for (let at = 0; at < content.length; at += size) await body.write(content.subarray(at, at + size));
          return body.end();
        },
      },
    },
  });
  const server = createServer({ hostname: 'mx.example', limits: { header: 1024 * 1024 } })
    .override(Dns, dns)
    .use(feed, ...others, ...wants.map((one, at) => wanting(`wanting ${at}`, one, findings, options)))
    .accept(() => true)
    .deliver(() => {});
  const client: Client = await inMemory.open(server, { patience: 20_000 });
  await client.hello();
  return {
    dns,
    findings,
    async send(content, { size = content.length, binary = false } = {}) {
      await client.command('MAIL FROM:<>');
      await client.command('RCPT TO:<a@b>');
      next = { content: Buffer.from(content, 'latin1'), size: Math.max(1, size), binary };
      const { code, text } = await client.command('FEED');
      return `${code} ${text}`;
    },
    [Symbol.asyncDispose]: () => server.close({ deadline: 0 }),
  };
}

/** A signature of this selector, which doesn't verify. */
export const signature = (s: string): string =>
  `DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=${s}; h=from; bh=a; b=a\r\n`;
const chain = [
  'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=b.example; s=seal; b=a\r\n',
  'ARC-Message-Signature: i=1; a=rsa-sha256; d=b.example; s=ams; h=from; bh=a; b=a\r\n',
  'ARC-Authentication-Results: i=1; b.example; spf=none\r\n',
].join('');
/** A message with a signature and a chain of one set. */
export const message: string = `${signature('s')}${chain}From: Joe <a@a.example>\r\nSubject: b\r\n\r\nbody  of\ttext \r\n\r\n`;
