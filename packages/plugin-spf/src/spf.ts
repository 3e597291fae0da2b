import type { BlockList } from 'node:net';
import {
  Clock,
  definePlugin,
  Identity,
  listedIn,
  type Hooks,
  type Message,
  type Plugin,
  type RecipientContext,
} from '@maitred/core';
import { Dns, SpfResult, unlessGone, type Spf } from '@maitred/authentication-results';
import { loadSpf, type SpfCall } from '@maitred/authentication-results/mailauth';
import { evaluate } from './evaluation.ts';
import { limitsOf, type SpfLimits } from './limits.ts';
import { questions } from './questions.ts';
import { receivedSpf } from './received-spf.ts';
import { refusal } from './refusal.ts';

/** What {@link spf} is made with. */
export interface SpfOptions {
  /**
   * What is done with a result: nothing is asked at all (`off`), it is there for who reads it (`report`), or recipients are
   * refused by it (`enforce`). Default: `report`.
   */
  readonly policy?: 'off' | 'report' | 'enforce';
  /** What `enforce` does where the domain's record is in error (RFC 7208 8.7). Default: `accept`. */
  readonly permerror?: 'accept' | 'refuse';
  /** Clients that are not checked: addresses and `address/prefix`, or Node's own list. Default: none. */
  readonly skip?: readonly string[] | BlockList;
  /** Whether the HELO identity is checked beside MAIL FROM (RFC 7208 2.3). Default: true. */
  readonly helo?: boolean;
  /** Whether RFC 7208 is kept to the letter; else what many get wrong is let pass. Default: true. */
  readonly strict?: boolean;
  /** Whether stored messages get `Received-SPF` (RFC 7208 9.1), and lose the client's own. Default: false. */
  readonly receivedSpf?: boolean;
  /** What a check may cost. */
  readonly limits?: Partial<SpfLimits>;
}

/**
 * SPF (RFC 7208): whether the domains of MAIL FROM and HELO permit the client (`ctx.remote`, as a trusted proxy tells it).
 * Asked from MAIL on, beside everything else, under {@link SpfResult}; who needs it first waits. Clients who proved who they
 * are, listed ones, and those without an address are not checked: nothing is set.
 *
 * Throws RangeError for a network, a limit, a `policy` and a `permerror` that is none.
 */
export function spf({
  policy = 'report',
  permerror = 'accept',
  skip = [],
  helo = true,
  strict = true,
  receivedSpf: field = false,
  limits = {},
}: SpfOptions = {}): Plugin {
  const known = ['off', 'report', 'enforce'].includes(policy) && ['accept', 'refuse'].includes(permerror);
  if (!known)
    throw new RangeError(`policy is off, report or enforce, permerror accept or refuse: not ${policy}, ${permerror}`);
  const bounds = limitsOf(limits);
  const listed = listedIn(skip);
  let call: SpfCall | undefined;

  const asked: Hooks = {
    mail: {
      when: (ctx) => ctx.remote.address !== '' && ctx.get(Identity) === undefined && !listed(ctx.remote.address),
      handle: (ctx, next) => {
        const resolver = ctx.inject(Dns).within(ctx.ended);
        const { time: timeLimit, voids } = bounds;
        const means = { spf: call as SpfCall, resolver, bounds, strict, timeLimit, voids };
        ctx.set(SpfResult, evaluate(questions(ctx, helo), means, { clock: ctx.inject(Clock), ended: ctx.ended }));
        return next();
      },
    },
  };
  const enforced: Hooks = {
    rcpt: {
      when: (ctx) => ctx.get(SpfResult) !== undefined,
      handle: async (ctx, next) => {
        const reply = await next();
        // Who isn't there hears that: for good, and without waiting for the DNS.
        const result = reply.code < 300 ? await awaited(ctx) : undefined;
        return (result && refusal(result, permerror)) ?? reply;
      },
    },
  };
  const stored: Hooks = {
    message: {
      when: (ctx) => ctx.get(SpfResult) !== undefined,
      handle: async (ctx, next) => {
        const { header } = ctx.content;
        // Whoever looks for one may take the wrong one (RFC 7208 9.1).
        header.remove((name) => name.toLowerCase() === 'received-spf');
        for (const text of await fieldsOf(ctx)) header.prepend(text);
        return next();
      },
    },
  };
  return definePlugin({
    name: 'spf',
    requires: policy === 'off' ? [] : [Dns],
    optional: [Identity],
    provides: [SpfResult],
    stages: policy === 'off' ? {} : { ...asked, ...(policy === 'enforce' ? enforced : {}), ...(field ? stored : {}) },
    setup: async () => {
      if (policy !== 'off') call = await loadSpf();
    },
  });
}

/** The result, unless nobody waits for it any more: a stage that waited on would hold the transaction, and the DNS. */
const awaited = (ctx: Message | RecipientContext): Promise<Spf> => unlessGone(ctx, ctx.need(SpfResult));

/** HELO's first: prepended in turn, that of MAIL FROM is topmost. */
async function fieldsOf(ctx: Message): Promise<string[]> {
  const result = await awaited(ctx);
  const { remote, sender, hostname } = ctx;
  const facts = { ip: remote.address, helo: ctx.helo ?? '', mailbox: sender.mailbox, receiver: hostname };
  return [...(result.helo ? [result.helo] : []), result].map((check) => receivedSpf({ check, ...facts }));
}
