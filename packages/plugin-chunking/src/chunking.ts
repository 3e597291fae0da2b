import { definePlugin, parameter, replies, type Plugin, type Reply, type Verb } from '@maitred/core';
import { BodyType } from '@maitred/plugin-esmtp';
import { parseChunk } from './chunk.ts';
import { DataAsked } from './keys.ts';

/** What {@link chunking} is made with. */
export interface ChunkingOptions {
  /**
   * Whether BINARYMIME is offered. What it brings may hold any octets, bare CRs and LFs among them; who accepts it has to
   * hand on every bit (RFC 3030 3). Leave it out where messages go on to servers that you send DATA. Default: true.
   */
  readonly binaryMime?: boolean;
}

/**
 * CHUNKING and BINARYMIME (RFC 3030): content in counted chunks, by BDAT, into the same body that DATA fills. The octets of
 * a chunk are read before it is answered, whatever the answer; where nobody can tell how many there are, the connection ends.
 *
 * Content that was not announced as BODY=BINARYMIME is text: a bare CR or LF in it is refused with 554 5.6.0 or converted,
 * as in DATA's. A refused chunk ends its transaction: what of the message still comes is answered with 503.
 *
 * With BINARYMIME it doesn't start without 8BITMIME, whose BODY parameter it adds a value to: use `eightBitMime()` too.
 */
export function chunking({ binaryMime = true }: ChunkingOptions = {}): Plugin {
  return definePlugin({
    name: 'chunking',
    requires: binaryMime ? [BodyType] : [],
    provides: [DataAsked],
    extensions: binaryMime ? { CHUNKING: {}, BINARYMIME: {} } : { CHUNKING: {} },
    parameters: binaryMime ? { MAIL: { 'BODY=BINARYMIME': binary } } : {},
    verbs: {
      BDAT: {
        extension: 'CHUNKING',
        owes: (args) => parseChunk(args)?.size ?? 'close',
        handle: (verb) => takeChunk(verb, binaryMime && verb.transaction?.get(BodyType) === 'BINARYMIME'),
      },
    },
    stages: {
      data: {
        // Outside all others: what can't become a message is nothing that anybody should count, delay or look up.
        order: 'pre',
        handle: async (ctx, next) => {
          if (ctx.via === 'chunks') return ctx.get(DataAsked) ? replies.badSequence : next();
          ctx.set(DataAsked, true);
          return binaryMime && ctx.get(BodyType) === 'BINARYMIME' ? notByData : next();
        },
      },
    },
  });
}

const binary = parameter({
  extension: 'BINARYMIME',
  key: BodyType,
  octets: 16,
  parse: (): 'BINARYMIME' => 'BINARYMIME',
});

const badChunk = replies.of(501, '5.5.4', 'Syntax: BDAT size [LAST]');
const nobody = replies.of(554, '5.5.1', 'No valid recipients');
const notByData = replies.of(503, '5.5.1', 'BODY=BINARYMIME takes BDAT, not DATA');

async function takeChunk(verb: Verb, binary: boolean): Promise<Reply> {
  const chunk = parseChunk(verb.args);
  if (!chunk) return badChunk;
  if (!verb.transaction) return replies.badSequence;
  if (verb.transaction.recipients.length === 0) return nobody;
  const body = await verb.openBody('chunks', { binary });
  if (!body.refused) {
    for await (const octets of verb.octets(chunk.size)) {
      const wait = body.write(octets);
      if (wait) await wait;
    }
  }
  // A refused message ends here too: who answers for each recipient does so at the last chunk alone.
  if (chunk.last) return body.end();
  return body.refused ?? replies.of(250, '2.0.0', `${chunk.size} octets received`);
}
