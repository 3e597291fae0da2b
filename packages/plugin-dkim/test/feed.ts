import { Buffer } from 'node:buffer';
import { definePlugin, type Plugin } from '@maitred/core';

/** Content that a client need not send: it fills the body in chunks of any size, as BDAT's or BURL's would. */
export interface Feed {
  readonly plugin: Plugin;
  /** What FEED takes; `size`: octets of a chunk. */
  next: { readonly content: Buffer; readonly size: number; readonly binary?: boolean };
  /** The last content as core kept it. */
  readonly kept: Buffer;
}

/** Makes a verb FEED, which takes what `next` says. */
export function feed(): Feed {
  let chunks: Buffer[] = [];
  const it = {
    next: { content: Buffer.alloc(0), size: 1 } as Feed['next'],
    get kept(): Buffer {
      return Buffer.concat(chunks);
    },
    plugin: definePlugin({
      name: 'feed',
      verbs: {
        FEED: {
          handle: async (verb) => {
            const { content, size, binary = false } = it.next;
            const body = await verb.openBody('chunks', { binary });
            for (let at = 0; at < content.length; at += size) await body.write(content.subarray(at, at + size));
            return body.end();
          },
        },
      },
      stages: {
        body: () => {
          chunks = [];
          return { write: (chunk) => void chunks.push(Buffer.from(chunk)) };
        },
      },
    }),
  };
  return it;
}
