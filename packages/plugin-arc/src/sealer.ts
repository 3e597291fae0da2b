import {
  ArcResult,
  Dns,
  Examined,
  examiner,
  hashMessage,
  resultKeys,
  resultsOf,
  unlessGone,
  writeResults,
  type Examiner,
} from '@maitred/authentication-results';
import { Clock, definePlugin, Log, service, type Inject, type Message, type Plugin } from '@maitred/core';
import { ArcReceived } from './keys.ts';
import type { Received } from './sealed.ts';
import { headerOf, Sealing } from './sealing.ts';
import { Sealer, SealingKeys, type SealingKey } from './tokens.ts';

/** Who seals, and what. */
export interface ArcSealerOptions {
  /** Who found the results that a set tells of: this server's name, as in its `Authentication-Results`. */
  readonly authservId: string;
  /** The sealer: whose key is asked for, and `d=` of the seals. */
  readonly domain: string;
  /** The keys, or a service that has them. Default: whatever the application registered as `SealingKeys`. */
  readonly keys?: SealingKeys | readonly SealingKey[];
  /** Names of the fields that the message signature covers, of those there are. Default: mailauth's list. */
  readonly signedFields?: readonly string[];
  /** Which messages are sealed as they are kept here. Default: none; the application seals what it sends. */
  readonly stored?: (message: Message) => boolean;
}

/**
 * Seals (RFC 8617 5.1): registers `Sealer`, for applications that change messages and send them on, and sets `ArcReceived`
 * in `message`. With `stored`, puts sets on top of messages as they are kept. Belongs behind everything that verifies or
 * edits the header. A message that can't be sealed is kept without a set, and the log says why.
 *
 * Throws RangeError for an `authservId` that can't be written (RFC 8601 2.5).
 */
export function arcSealer(options: ArcSealerOptions): Plugin {
  const { keys, stored } = options;
  writeResults(options.authservId, []);
  let tools: { readonly sealing: Sealing; readonly examine: Examiner } | undefined;

  const sealingBy = (inject: Inject): Sealing =>
    new Sealing({ ...options, keys: inject(SealingKeys), clock: inject(Clock) });

  return definePlugin({
    name: 'arc-sealer',
    requires: [ArcResult, Dns, SealingKeys],
    optional: [...resultKeys],
    provides: [Examined, ArcReceived, Sealer, ...(keys ? [SealingKeys] : [])],
    services: [
      ...(keys ? [service({ token: SealingKeys, create: () => (isList(keys) ? keyList(keys) : keys) })] : []),
      service({ token: Sealer, create: sealingBy }),
    ],
    setup: async ({ inject }) => {
      const sealing = sealingBy(inject);
      const [examine] = await Promise.all([examiner(), sealing.load()]);
      tools = { sealing, examine };
    },
    stages: {
      // What is to be kept with a set is known only later: where some may be, each message is hashed.
      body: (ctx) => (stored ? tools?.examine(ctx, { bodyHash: true }) : undefined),
      message: async (message, next) => {
        const received: Received = {
          chain: message.need(ArcResult).result,
          results: await unlessGone(message, resultsOf(message)),
        };
        message.set(ArcReceived, received);
        if (tools && stored?.(message) === true) await store(tools.sealing, message, received);
        return next();
      },
    },
  });
}

/** Puts a set on top of a message as it is kept. */
async function store(sealing: Sealing, message: Message, received: Received): Promise<void> {
  try {
    const { bodyHash = '' } = await message.need(Examined).findings();
    // The header as it was edited so far: an edited field that a signature covers must be covered as it is now.
    const { headers } = await hashMessage(await headerOf(message.content.stream()));
    const sealed = await sealing.sealHashed({ headers, bodyHash }, received);
    // The last one that is put there is on top.
    for (const field of sealed?.fields.toReversed() ?? []) message.content.header.prepend(field);
  } catch (error) {
    message.inject(Log).error({ err: error, id: message.id }, 'the message was not sealed');
  }
}

const isList = (keys: SealingKeys | readonly SealingKey[]): keys is readonly SealingKey[] => Array.isArray(keys);

function keyList(keys: readonly SealingKey[]): SealingKeys {
  return { find: (domain) => keys.find((key) => key.domain.toLowerCase() === domain.toLowerCase()) };
}
