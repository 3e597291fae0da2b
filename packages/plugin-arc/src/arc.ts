import { definePlugin, type Message, type Plugin } from '@maitred/core';
import {
  ArcResult,
  Dns,
  Examined,
  examiner,
  unlessGone,
  type Arc,
  type ExaminationOptions,
  type Examiner,
} from '@maitred/authentication-results';
import { loadArc, type ArcCalls } from '@maitred/authentication-results/mailauth';
import { arcOf } from './result.ts';
import { inTurns } from './turns.ts';
import { trusts, type Trusted } from './trust.ts';

/** How chains are validated. */
export interface ArcOptions extends ExaminationOptions {
  /**
   * The sealers whose chains may override DMARC: domains as in their seals' `d=`, or a function of a set. What counts is
   * in the result as `trusted`. Default: none.
   */
  readonly trusted?: Trusted;
}

/**
 * ARC (RFC 8617 5.2): validates the chain of every message and sets `ArcResult` in `message`. It refuses nothing: a chain
 * that fails says no more than none. Throws RangeError for a trusted sealer that is no domain.
 */
export function arc(options: ArcOptions = {}): Plugin {
  const isTrusted = trusts(options.trusted);
  const minBitLength = Math.max(options.minBitLength ?? 0, 1024);
  let tools: { readonly calls: ArcCalls; readonly examine: Examiner } | undefined;

  async function validate(calls: ArcCalls, message: Message): Promise<Arc> {
    const { arc, resolver } = await message.need(Examined).findings();
    const remote = message.remote.address;
    const found = await calls.validate(inTurns(arc), { resolver, strict: true, minBitLength });
    return arcOf(found, arc.chain === false ? [] : arc.chain, { isTrusted, remote });
  }

  return definePlugin({
    name: 'arc',
    requires: [Dns],
    provides: [Examined, ArcResult],
    setup: async () => {
      const [calls, examine] = await Promise.all([loadArc(), examiner(options)]);
      tools = { calls, examine };
    },
    stages: {
      body: (ctx) => tools?.examine(ctx, { chain: true }),
      message: async (message, next) => {
        if (tools) message.set(ArcResult, await unlessGone(message, validate(tools.calls, message)));
        return next();
      },
    },
  });
}
