import { definePlugin, replies, type Plugin, type Reply, type Verb } from '@maitred/core';

/** BDAT (RFC 3030 2): content in counted chunks, the same body that DATA fills. */
export function bdat(): Plugin {
  return definePlugin({
    name: 'bdat',
    extensions: { CHUNKING: {} },
    verbs: {
      BDAT: {
        extension: 'CHUNKING',
        owes: (args) => parseChunk(args)?.size ?? 'close',
        handle: takeChunk,
      },
    },
  });
}

interface Chunk {
  readonly size: number;
  readonly last: boolean;
}

async function takeChunk(verb: Verb): Promise<Reply> {
  const chunk = parseChunk(verb.args);
  if (!chunk) return replies.of(501, '5.5.4', 'Syntax: BDAT size [LAST]');
  const { transaction } = verb;
  if (!transaction || transaction.body?.kind === 'data') return replies.badSequence;
  if (transaction.recipients.length === 0) return replies.of(554, '5.5.1', 'No valid recipients');
  const body = await verb.openBody('chunks', { binary: true });
  for await (const octets of verb.octets(chunk.size)) {
    const wait = body.write(octets);
    if (wait) await wait;
  }
  // Also a refused message ends here: whoever answers per recipient does so at the last chunk alone.
  if (chunk.last) return body.end();
  return body.refused ?? replies.of(250, '2.0.0', `${chunk.size} octets received`);
}

function parseChunk(args: string): Chunk | undefined {
  const [, digits, last] = /^(\d{1,12})( +LAST)?$/i.exec(args) ?? [];
  return digits === undefined ? undefined : { size: Number(digits), last: last !== undefined };
}
