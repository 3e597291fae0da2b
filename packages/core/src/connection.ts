import { failure, Gone, tell } from './failure.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { Budget } from './budget.ts';
import type { CloseCause, Connection as Context, Facts, Listener, Peer } from './context.ts';
import type { Conversation, House } from './conversation.ts';
import { dispatch, mayBegin, read } from './dispatch.ts';
import { perform } from './effect.ts';
import { Exchange } from './exchange.ts';
import { freshId } from './id.ts';
import { greet } from './greeting.ts';
import { Internationalized, Values } from './key.ts';
import { channels } from './observe.ts';
import { prologue } from './prologue.ts';
import { closes, positive, replies } from './replies.ts';
import { core, Scope, type Owner } from './scope.ts';
import { isPending, type Awaitable } from './stages.ts';
import type { Work } from './verb.ts';
import { spoken } from './speech.ts';
import { Stopwatch } from './stopwatch.ts';
import { SessionState } from './state.ts';
import type { TlsSettings } from './transport.ts';
import { View } from './view.ts';
import type { LineFault } from './wire/input.ts';
import type { Reply } from './wire/reply.ts';

/** Commands answered in one turn of the event loop, so that one client's pipeline doesn't keep the others waiting. */
const commandsPerTurn = 64;
const nothing = (): void => {};

/** Who lets clients in, and is told when they are gone. */
export interface Door {
  /** A reply turns the client away, once it's known who it is. */
  admit(connection: Connection, address: string): Reply | undefined;
  left(connection: Connection): void;
}

/** One client, from its first octet to its last. */
export class Connection implements Conversation {
  readonly id: string = freshId();
  readonly house: House;
  readonly listener: Listener;
  readonly socket: Peer;
  readonly values: Values = new Values();
  readonly watch: Stopwatch;
  session: SessionState;
  transactions = 0;
  turnedAway = false;
  /** The address it counts for; undefined when the door turned it away. */
  counted: string | undefined = undefined;
  readonly #exchange: Exchange;
  readonly #endsAt: number;
  readonly #budget: Budget;
  #ahead: 'in-group' | 'out-of-turn' = 'out-of-turn';
  #cause: CloseCause | undefined = undefined;
  #shuttingDown = false;
  #turns = 0;
  /** When the line that is waited for must have come whole. */
  #lineUntil = 0;

  constructor(stream: Duplex, facts: Facts, listener: Listener, house: House) {
    this.house = house;
    this.listener = listener;
    this.socket = facts.remote;
    this.session = new SessionState(facts, undefined);
    this.#endsAt = house.clock.now() + house.deadlines.session;
    this.#budget = new Budget(house.limits);
    this.watch = new Stopwatch(house.clock);
    this.#exchange = new Exchange(stream, house, () => this.watch.abandon(this.lost));
  }

  get lost(): unknown {
    return this.#exchange.lost;
  }
  get pending(): number {
    return this.#exchange.pending;
  }

  // ── its life ──

  /** Serves until either side ends; never rejects. */
  async serve(tls: TlsSettings | undefined, door: Door): Promise<void> {
    if (channels.connection.start.hasSubscribers) channels.connection.start.publish(this.#about());
    try {
      await this.#open(tls, door);
      await new Promise<void>((resolve, reject) => {
        // An idle client waits in this function alone: whatever else it waited in would be kept for as long.
        const go = (more = true): void => {
          try {
            if (!this.#converse(more, go, reject)) resolve();
          } catch (error) {
            reject(error as Error);
          }
        };
        go();
      });
    } catch (error) {
      const timedOut = this.#exchange.timedOut !== undefined;
      this.#cause = !(error instanceof Gone) ? 'error' : timedOut ? 'timeout' : 'lost';
      failure(this, error, core, 'connection');
    }
    this.session.drop('the connection ended');
    await this.#exchange.end();
    this.#close(this.#cause ?? 'lost');
    if (channels.connection.end.hasSubscribers) channels.connection.end.publish(this.#about());
    door.left(this);
  }

  #about(): object {
    return { id: this.id, remote: this.socket, listener: this.listener };
  }

  /** The client as the `connect` stage sees it. */
  introduce(): Context {
    return new View(new Scope(this, 'connect'), core);
  }

  /** Between transactions 421 now, else after this one. */
  shutdown(): void {
    this.#shuttingDown = true;
    this.#exchange.nudge();
  }

  /** Gives up on the client. */
  lose(reason: unknown): void {
    this.#exchange.lose(reason);
  }

  /** The server's coarse timer. */
  tick(now: number): void {
    this.#exchange.tick(now);
    this.watch.tick(now);
    if (now >= this.#endsAt && this.#cause === undefined) this.#exchange.expire('session');
  }

  async #open(tls: TlsSettings | undefined, door: Door): Promise<void> {
    const facts = await prologue(this);
    if (facts === 'close') {
      this.#cause = 'refused';
      return;
    }
    this.session = new SessionState(facts, undefined);
    const refusal = door.admit(this, facts.remote.address);
    if (tls) {
      if (refusal) throw new Gone(); // a handshake would be the work that a flood is after
      this.session = new SessionState(facts, await this.#exchange.secure(tls, 'keep'));
    }
    const greeting = refusal ? replies.closing(refusal) : await greet(this, this.session);
    this.turnedAway = !positive(greeting);
    await this.prompt(greeting, 'greeting');
    this.#closeAfter(greeting);
  }

  /** Executes what is there; true: `go` is called when more has come, false: the conversation is over. */
  #converse(more: boolean, go: (more?: boolean) => void, failed: (error: Error) => void): boolean {
    while (this.#cause === undefined) {
      const line = this.#lineAtHand();
      if (line !== undefined) {
        this.#lineUntil = 0;
        const executed = this.#command(line);
        if (!executed) continue;
        executed.then(() => go(), failed);
        return true;
      }
      if (more && !this.#over) {
        this.#lineUntil ||= this.house.clock.now() + this.house.deadlines.command;
        this.#exchange.more('command', this.#lineUntil, go);
        return true;
      }
      this.#silence();
    }
    return false;
  }

  /** Executes a command; a promise only where something has to be waited for. */
  #command(line: Buffer | LineFault): Awaitable<void> {
    const ahead = this.#exchange.unsent || this.#exchange.early ? this.#ahead : 'no';
    const utf8 = this.#utf8;
    const work = dispatch(this, read(this, line, ahead, this.#exchange.tooLong));
    return isPending(work) ? work.then((done) => this.#judged(done, utf8)) : this.#judged(work, utf8);
  }

  #judged(work: Work, utf8: boolean): Awaitable<void> {
    if (work.starved) return this.#silence();
    const reply = this.#budget.judge(work.reply, work.useful, work.concluded);
    if (this.#budget.slows(reply)) return this.#slowed().then(() => this.#answer(work, reply, utf8));
    return this.#answer(work, reply, utf8);
  }

  #answer(work: Work, reply: Reply, utf8: boolean): Awaitable<void> {
    const { command, spec } = work.reading;
    this.#write(reply, command.verb, utf8 || this.#utf8);
    // Who talks on out of turn stays so until it waits: a body sent behind a refused DATA has many lines.
    const endsGroup = spec?.it.endsGroup === true || command.ahead === 'out-of-turn';
    this.#ahead = endsGroup && !work.readContent ? 'out-of-turn' : 'in-group';
    this.#closeAfter(reply);
    if (work.effects.length > 0 && positive(reply)) return this.#perform(work, spec?.owner ?? core);
    if (++this.#turns % commandsPerTurn === 0) return nextTurn();
    return this.#exchange.blocked ? this.#exchange.relieved() : undefined;
  }

  async #perform(work: Work, owner: Owner): Promise<void> {
    for (const effect of work.effects) {
      if (this.#cause === undefined) this.#cause = await perform(this, this.#exchange, effect, owner);
    }
    if (this.#exchange.blocked) await this.#exchange.relieved();
  }

  /** A line that is there whole; at once what can't become one: a TLS hello has no line end to wait for. */
  #lineAtHand(): Buffer | LineFault | undefined {
    if (this.#over) return undefined;
    const line = this.#exchange.lineAtHand(this.house.registry.longestLine);
    if (line !== undefined) return line;
    const first = this.#exchange.peek();
    return first !== undefined && !mayBegin(first) ? Buffer.of(first) : undefined;
  }

  /** Whether no more commands are read. */
  get #over(): boolean {
    return this.#exchange.timedOut !== undefined || (this.#shuttingDown && !this.session.transaction);
  }

  /** No command came, or not whole: a word to who may still read it, and the end. */
  #silence(): void {
    const { timedOut } = this.#exchange;
    this.#cause =
      timedOut !== undefined ? 'timeout' : this.lost !== undefined || !this.#shuttingDown ? 'lost' : 'shutdown';
    if (this.#cause === 'timeout') this.#write(replies.of(421, '4.4.2', `${this.house.hostname} timed out`), 'timer');
    if (this.#cause === 'shutdown') this.#write(this.house.catalogue.shutdown(this.introduce()), 'timer');
  }

  #closeAfter(reply: Reply): void {
    if (closes(reply)) this.#cause = reply.code === 221 ? 'quit' : 'refused';
  }

  #close(cause: CloseCause): void {
    for (const { owner, it } of this.house.registry.collected.close) {
      tell(this, owner, 'close', () => it(new View(new Scope(this, 'close', { cause }), owner)));
    }
  }

  async #slowed(): Promise<void> {
    const scope = new Scope(this, 'command');
    await scope.run(() => this.house.clock.sleep(1000, scope.signal), nothing, nothing);
  }

  // ── the wire, for verbs ──

  prompt(reply: Reply, at: string): Awaitable<void> {
    this.#write(reply, at);
    this.#exchange.flush();
    return this.#exchange.blocked ? this.watch.waiting(() => this.#exchange.relieved()) : undefined;
  }

  line(limit: number, deadline?: number): Promise<Buffer | LineFault | undefined> {
    return this.#awaited(() => this.#exchange.lineAtHand(limit), 'command', undefined, deadline);
  }

  chunk(maximum: number, signal?: AbortSignal): Awaitable<Buffer | undefined> {
    return (
      this.#exchange.chunkAtHand(maximum) ??
      this.#awaited(() => this.#exchange.chunkAtHand(maximum), 'dataBlock', signal)
    );
  }

  unread(octets: Buffer): void {
    this.#exchange.unread(octets);
  }

  async spoke(ms: number): Promise<boolean> {
    if (this.pending > 0) return true;
    const timer = new AbortController();
    const wait = this.house.clock.sleep(ms, timer.signal).catch(() => {});
    await Promise.race([this.#exchange.event(), wait]);
    timer.abort();
    return this.pending > 0;
  }

  #awaited<T>(
    take: () => T | undefined,
    wait: 'command' | 'dataBlock',
    signal?: AbortSignal,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<T | undefined> {
    const taken = take();
    if (taken !== undefined || signal?.aborted) return Promise.resolve(taken);
    const until = this.house.clock.now() + Math.min(deadline, this.house.deadlines[wait]);
    return this.#arriving(take, wait, until, signal);
  }

  /** Waits for the client; the time of whoever asked stands still meanwhile. */
  async #arriving<T>(
    take: () => T | undefined,
    wait: 'command' | 'dataBlock',
    until: number,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    const wake = (): void => this.#exchange.wake();
    signal?.addEventListener('abort', wake, { once: true });
    const since = this.watch.pause();
    let taken: T | undefined;
    const more = (resolve: (more: boolean) => void): void => this.#exchange.more(wait, until, resolve);
    while (taken === undefined && signal?.aborted !== true && (await new Promise(more))) taken = take();
    this.watch.resume(since);
    signal?.removeEventListener('abort', wake);
    return taken;
  }

  #write(reply: Reply, at: string, utf8 = this.#utf8): void {
    this.#exchange.write(spoken(this, reply, at, utf8));
  }

  /** Replies may hold UTF-8 once the client has shown that it reads it (RFC 6531 3.7.4). */
  get #utf8(): boolean {
    return this.session.transaction?.values.get(Internationalized) === true;
  }
}
