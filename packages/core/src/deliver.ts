import { deadlineOf } from './limits.ts';
import { atOnce, failure } from './failure.ts';
import { runStage } from './compose.ts';
import type { Recipient, Transaction } from './context.ts';
import type { Connection } from './connection.ts';
import { channels, traced } from './observe.ts';
import type { Outcome, Sink } from './plugin.ts';
import { Fault } from './errors.ts';
import { isReply, positive, replies, worst } from './replies.ts';
import { core, Scope, type Owner } from './scope.ts';
import { chain, type Awaitable } from './awaitable.ts';
import type { TransactionState } from './state.ts';
import { View } from './view.ts';
import type { Reply } from './wire/reply.ts';

/** The end of data as it stands: the one reply, and what became of each recipient once that was tried. */
interface Told {
  readonly one: Reply;
  readonly outcomes: readonly Outcome[];
}

/** A sink and who brought it. */
interface Copy {
  readonly owner: Owner;
  readonly sink: Sink;
}

/**
 * From the last octet to the final reply: `message`, every sink's `prepare`, every `commit`, `answer`. `seal` is called
 * before the first commit: from there on the reply follows from the outcomes, whatever a ring says.
 */
export function conclude(c: Connection, transaction: TransactionState, seal: () => void): Promise<Reply> {
  if (!channels.message.hasSubscribers) return concluded(c, transaction, seal);
  const about = { id: transaction.id, size: transaction.content?.size };
  return traced(channels.message, about, () => concluded(c, transaction, seal));
}

async function concluded(c: Connection, transaction: TransactionState, seal: () => void): Promise<Reply> {
  const until = c.house.clock.elapsed() + c.house.deadlines.endOfData;
  const deadline = Math.min(deadlineOf(c.house.deadlines, 'message'), c.house.deadlines.endOfData);
  const verdict = await runStage(c, 'message', { transaction, deadline }, replies.ok);
  const told = positive(verdict)
    ? await new Delivery(c, transaction, until).keep(seal)
    : { one: verdict, outcomes: [] };
  return answer(c, transaction, told);
}

/** What `answer` makes of the end of data, also where the body was refused before; the last plugin that answers counts. */
export function answer(c: Connection, transaction: TransactionState, { one, outcomes }: Told): Reply {
  let given = one;
  for (const { owner, it } of c.house.registry.answers) {
    try {
      const view = new View(new Scope(c, 'answer', { transaction }), owner) as unknown as Transaction;
      const its = atOnce(it(view, one, outcomes), owner, 'answer');
      if (its === undefined) continue;
      if (!isReply(its)) throw new Fault('NO_REPLY', [owner.name, 'answer']);
      given = its;
    } catch (error) {
      // What became of the message stands, whoever can't put it into words.
      failure(c, error, owner, 'answer');
    }
  }
  return given;
}

/** One message on its way into its sinks. */
class Delivery {
  readonly #c: Connection;
  readonly #transaction: TransactionState;
  readonly #until: number;
  readonly #replies = new Map<Recipient, Reply>();

  constructor(c: Connection, transaction: TransactionState, until: number) {
    this.#c = c;
    this.#transaction = transaction;
    this.#until = until;
  }

  async keep(seal: () => void): Promise<Told> {
    const copies: Copy[] = [];
    for (const { owner, it } of this.#c.house.registry.collected.deliver) {
      const made = await this.#attempt('deliver', owner, (scope) => sinkOf(it(new View(scope, owner)), owner));
      if (made.failed) return { one: made.failed, outcomes: [] };
      if (made.value && made.value.recipients.length > 0) copies.push({ owner, sink: made.value });
    }
    for (const copy of copies) {
      if (!copy.sink.prepare) continue;
      const done = await this.#attempt('prepare', copy.owner, (scope) => copy.sink.prepare?.(scope.signal));
      if (done.failed) this.#note(copy, done.failed);
    }
    for (const recipient of this.#unclaimed(copies)) this.#worsen(recipient, this.#catalogued('noSink'));
    const refused = this.#replies.size > 0 ? new Set(this.#replies.keys()) : none;
    // A client that is known to be gone will send again: a copy kept now would be a second one then.
    if (this.#c.lost !== undefined || (refused.size > 0 && !this.#toldApart())) {
      for (const copy of copies) await this.#rollback(copy);
      return this.#told();
    }
    seal();
    for (const copy of copies) {
      const kept = copy.sink.recipients.some((each) => !refused.has(each));
      await (kept ? this.#commit(copy) : this.#rollback(copy));
    }
    return this.#told();
  }

  #commit(copy: Copy): Awaitable<void> {
    const { owner, sink } = copy;
    const committed = this.#attempt('commit', owner, () => chain(sink.commit(), (its) => outcomesOf(its, copy)));
    return chain(committed, ({ failed, value }) => {
      if (failed || !value) return this.#note(copy, failed ?? this.#catalogued('accepted'));
      for (const { recipient, reply } of value) this.#worsen(recipient, reply);
      // A sink that forgets a recipient has not said that it kept anything for it.
      const silent = sink.recipients.filter((each) => !value.some(({ recipient }) => recipient === each));
      for (const recipient of silent) this.#worsen(recipient, this.#catalogued('noSink'));
    });
  }

  #rollback({ owner, sink }: Copy): Awaitable<unknown> {
    const deadline = deadlineOf(this.#c.house.deadlines, 'prepare');
    return this.#attempt('prepare', owner, () => sink.rollback?.(), deadline);
  }

  /** Recipients that no sink keeps the message for; most often one sink has them all, as they are. */
  #unclaimed(copies: readonly Copy[]): readonly Recipient[] {
    const { recipients } = this.#transaction;
    if (copies.some(({ sink }) => sink.recipients === recipients)) return [];
    const claimed = new Set(copies.flatMap(({ sink }) => sink.recipients));
    return recipients.filter((recipient) => !claimed.has(recipient));
  }

  /**
   * Whether this client hears a reply per recipient. Where one reply stands for all, a copy that can't be kept means that
   * none is, because the client will send again to all.
   */
  #toldApart(): boolean {
    return answer(this.#c, this.#transaction, this.#told()).parts !== undefined;
  }

  #told(): Told {
    const outcomes = [...this.#replies].map(([recipient, reply]) => ({ recipient, reply }));
    const one = outcomes.length > 0 ? worst(outcomes.map((each) => each.reply)) : this.#c.house.catalogue.unavailable();
    return { one, outcomes };
  }

  #note(copy: Copy, reply: Reply): void {
    for (const recipient of copy.sink.recipients) this.#worsen(recipient, reply);
  }

  #worsen(recipient: Recipient, reply: Reply): void {
    const before = this.#replies.get(recipient);
    this.#replies.set(recipient, before ? worst([before, reply]) : reply);
  }

  #catalogued(entry: 'accepted' | 'noSink'): Reply {
    return this.#c.house.catalogue[entry](
      new View(new Scope(this.#c, 'deliver', { transaction: this.#transaction }), core),
    );
  }

  /** Milliseconds for that; but for a commit, all of it together is to end in time after the last octet. */
  #time(stage: 'deliver' | 'prepare' | 'commit'): number {
    const its = deadlineOf(this.#c.house.deadlines, stage);
    return stage === 'commit' ? its : Math.max(0, Math.min(its, this.#until - this.#c.house.clock.elapsed()));
  }

  #attempt<T>(
    stage: 'deliver' | 'prepare' | 'commit',
    owner: Owner,
    act: (scope: Scope) => Awaitable<T>,
    deadline = this.#time(stage),
  ): Awaitable<Attempt<T>> {
    const scope = new Scope(this.#c, stage, { transaction: this.#transaction, deadline });
    scope.owner = owner;
    // Who used the time up was named then.
    if (deadline <= 0) return { failed: this.#c.house.catalogue.unavailable() };
    return scope.run<T, Attempt<T>>(
      () => act(scope),
      (value) => ({ value }),
      (failed) => ({ failed }),
    );
  }
}

/** What came of something that a sink was asked for. */
interface Attempt<T> {
  readonly failed?: Reply;
  readonly value?: T;
}

const none: ReadonlySet<Recipient> = new Set();

/** What a `deliver` hook of plain JavaScript returned may be anything. */
function sinkOf(made: Awaitable<Sink | undefined>, owner: Owner): Awaitable<Sink | undefined> {
  return chain(made, (sink) => {
    if (!sink || (Array.isArray(sink.recipients) && typeof sink.commit === 'function')) return sink;
    throw new Fault('NO_SINK', [owner.name]);
  });
}

/** And so may what a commit told. */
function outcomesOf(told: readonly Outcome[] | void, { sink, owner }: Copy): readonly Outcome[] | undefined {
  if (told === undefined) return undefined;
  const whole = (each: Outcome | undefined): boolean => each !== undefined && sink.recipients.includes(each.recipient);
  if (Array.isArray(told) && told.every((each) => whole(each) && isReply(each.reply))) return told;
  throw new Fault('NO_OUTCOME', [owner.name]);
}
