import type { BlockList } from 'node:net';
import {
  ArcResult,
  DkimResults,
  DmarcResult,
  Dns,
  Examined,
  examiner,
  SpfResult,
  unlessGone,
  type Dmarc,
  type ExaminationOptions,
  type Examiner,
} from '@maitred/authentication-results';
import { loadDmarc, type DmarcCall } from '@maitred/authentication-results/mailauth';
import { Clock, definePlugin, Identity, listedIn, Log, service } from '@maitred/core';
import type { Awaitable, Message, Plugin, Transaction } from '@maitred/core';
import { authorsOf, type Authors } from './author.ts';
import { decide, type Override } from './decide.ts';
import { evaluate } from './evaluate.ts';
import { replyTo } from './replies.ts';
import type { Reports } from './aggregate/evaluated.ts';
import { evaluatedOf, type Happened } from './aggregate/event.ts';
import { resultOf } from './result.ts';
import { AggregateReports } from './tokens.ts';

/** How {@link dmarc} judges, and what it does about it. */
export interface DmarcOptions extends ExaminationOptions {
  /**
   * `off`: nothing is looked at. `report`: the result is there for who reads it, and counted. `enforce`: what the author's
   * domain asks for is done. Default: `report`.
   */
  readonly policy?: 'off' | 'report' | 'enforce';
  /**
   * What `enforce` does with a From of several fields, of several domains, or with what may be an address and can't be read
   * as one, which DMARC can't judge (RFC 9989 11.5): each reader shows another author. Default: `refuse`, 550 5.7.1.
   */
  readonly ambiguousFrom?: 'refuse' | 'accept';
  /**
   * Asked before `enforce` refuses, defers or marks a message for its policy; what it returns is done instead. For owners
   * of mailing lists, and whatever else the application knows of who sends (RFC 9989 7.4). Default: no exceptions.
   */
  readonly override?: (
    message: Message,
    found: Pick<Dmarc, 'result' | 'domain' | 'policy'>,
  ) => Awaitable<Override | undefined>;
  /** Clients whose mail is left alone: addresses and `address/prefix`, or Node's own list. Authenticated ones always are. */
  readonly skip?: readonly string[] | BlockList;
  /** Takes what was evaluated, for aggregate reports: `memoryReports()`, or a store of one's own. Default: nobody does. */
  readonly reports?: Reports;
}

/**
 * DMARC (RFC 9989): judges each message by what SPF, DKIM and ARC found, whoever found it, and keeps that under
 * `DmarcResult`. Use it behind them. Throws RangeError for a network, a `policy` and an
 * `ambiguousFrom` that is none.
 */
export function dmarc({
  policy = 'report',
  ambiguousFrom = 'refuse',
  override,
  skip = [],
  reports = { add: () => {} },
  ...examination
}: DmarcOptions = {}): Plugin {
  const known = ['off', 'report', 'enforce'].includes(policy) && ['accept', 'refuse'].includes(ambiguousFrom);
  const wrong = `${policy}, ${ambiguousFrom}`;
  if (!known) throw new RangeError(`policy is off, report or enforce, ambiguousFrom accept or refuse: not ${wrong}`);
  const listed = listedIn(skip);
  let call: DmarcCall;
  let examine: Examiner;
  let complained = false;

  /** Who sends it will try for days; who runs this should know why. */
  const complain = (message: Message): void => {
    if (complained) return;
    complained = true;
    const why = 'DMARC defers mail that neither SPF nor DKIM was checked for: use spf() or dkim() too';
    message.inject(Log).warn({ id: message.id }, why);
  };

  const concerns = (ctx: Transaction): boolean =>
    policy !== 'off' && ctx.get(Identity) === undefined && !listed(ctx.remote.address);

  const judge = async (message: Message): Promise<Omit<Happened, 'at'>> => {
    const { headers, fromFields, unreadFrom } = await message.need(Examined).findings();
    const line = headers.parsed.find(({ key }) => key === 'from')?.line.toString() ?? '';
    const { headerFrom, unreadable } = unreadFrom ? unread : authorsOf(line.slice(line.indexOf(':') + 1));
    const spf = await message.get(SpfResult);
    const dkim = message.get(DkimResults);
    const resolver = message.inject(Dns).within(message.ended);
    const evaluation = await evaluate(call, { headerFrom, fromFields, unreadable, spf, dkim, resolver });
    const decision = await decide(evaluation, {
      enforced: policy === 'enforce',
      refuseAmbiguous: ambiguousFrom === 'refuse',
      arc: message.get(ArcResult),
      override: () => override?.(message, evaluation),
    });
    return { message, evaluation, decision, spf, dkim };
  };

  return definePlugin({
    name: 'dmarc',
    requires: [Dns],
    optional: [Identity, SpfResult, DkimResults, ArcResult],
    provides: [DmarcResult, Examined, AggregateReports],
    services: [service({ token: AggregateReports, create: () => reports })],
    async setup() {
      if (policy === 'off') return;
      [call, examine] = await Promise.all([loadDmarc(), examiner(examination)]);
    },
    stages: {
      body: (ctx) => (concerns(ctx) ? examine(ctx, {}) : undefined),
      message: {
        when: concerns,
        handle: async (message, next) => {
          const happened = await unlessGone(message, judge(message));
          const { evaluation, decision, spf, dkim } = happened;
          if (decision.action === 'defer' && !spf && !dkim) complain(message);
          message.set(DmarcResult, resultOf(evaluation, decision));
          count({ ...happened, at: message.inject(Clock).now() }, message);
          return replyTo(decision.action, evaluation.domain) ?? next();
        },
      },
    },
  });
}

/** A From over the limits: somebody's, and nobody knows whose. */
const unread: Authors = { headerFrom: [], unreadable: true };

/** What the owner is told doesn't hold the client up, and decides nothing. */
function count(happened: Happened, message: Message): void {
  const evaluated = evaluatedOf(happened);
  if (!evaluated) return;
  const failed = (error: unknown): void =>
    message.inject(Log).error({ id: message.id, err: error }, 'a message is missing in DMARC reports');
  try {
    Promise.resolve(message.inject(AggregateReports).add(evaluated)).catch(failed);
  } catch (error) {
    failed(error);
  }
}
