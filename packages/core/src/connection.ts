import { failure, Gone } from './failure.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { Budget, slowed } from './budget.ts';
import type { CloseCause, Connection as Context, Facts, Listener, Peer } from './context.ts';
import type { House } from './house.ts';
import { dispatch, mayBegin, read } from './dispatch.ts';
import { perform } from './effect.ts';
import { Exchange } from './exchange.ts';
import { freshId } from './id.ts';
import { arrival } from './arrival.ts';
import { Values } from './key.ts';
import { channels } from './observe.ts';
import { farewell, welcome } from './welcome.ts';
import type { Listeners } from './listeners.ts';
import { closes, positive, replies } from './replies.ts';
import { core, Scope } from './scope.ts';
import { chain, isPending, type Awaitable } from './awaitable.ts';
import type { Work } from './verb.ts';
import { readsUtf8, spoken } from './speech.ts';
import { Stopwatch } from './stopwatch.ts';
import { SessionState } from './state.ts';
import type { TlsSettings } from './transport.ts';
import { View } from './view.ts';
import type { LineFault } from './wire/input.ts';
import type { Reply } from './wire/reply.ts';

/** Commands answered in one turn of the event loop, so that one client's pipeline doesn't keep the others waiting. */
const commandsPerTurn = 64;

/** One client, from its first octet to its last: its session, its wire. Stage runs and verbs stand on it. */
export class Connection {
  readonly id: string = freshId();
  readonly house: House;
  readonly listener: Listener;
  readonly socket: Peer;
  readonly values: Values = new Values();
  readonly watch: Stopwatch;
  session: SessionState;
  /** Transactions begun so far; they number the ids. */
  transactions = 0;
  /** The greeting was a refusal: everything but QUIT gets 503 (RFC 5321 3.1). */
  turnedAway = false;
  /** The address it counts for; undefined when the door turned it away. */
  counted: string | undefined = undefined;
  readonly exchange: Exchange;
  readonly #endsAt: number;
  readonly #budget: Budget;
  #ahead: 'in-group' | 'out-of-turn' = 'out-of-turn';
  #cause: CloseCause | undefined = undefined;
  #shuttingDown = false;
  #door: Listeners | undefined = undefined;
  #turns = 0;
  /** When the line that is waited for must have come whole. */
  #lineUntil = 0;

  constructor(stream: Duplex, facts: Facts, listener: Listener, house: House) {
    this.house = house;
    this.listener = listener;
    this.socket = facts.remote;
    this.session = new SessionState(facts, undefined);
    this.#endsAt = house.clock.elapsed() + house.deadlines.session;
    this.#budget = new Budget(house.limits);
    this.watch = new Stopwatch(house.clock);
    this.exchange = new Exchange(stream, this);
  }

  /** Why the client is gone for good: it vanished, timed out, or the server won't wait. */
  get lost(): unknown {
    return this.exchange.lost;
  }

  /** Serves until either side ends; the door is told then. */
  serve(tls: TlsSettings | undefined, door: Listeners): void {
    if (channels.connection.start.hasSubscribers) channels.connection.start.publish(this.#about());
    this.#door = door;
    try {
      const greeted = chain(welcome(this, tls, door), (greeting) => this.#greet(greeting));
      if (greeted) this.#resumeAfter(greeted);
      else this.resume(true);
    } catch (error) {
      this.#broke(error);
    }
  }

  /** Goes on until more has to be waited for, which resumes it: an idle client waits in no function and for no promise. */
  resume(more: boolean): void {
    try {
      while (this.#cause === undefined) {
        const line = this.#lineAtHand();
        if (line !== undefined) {
          this.#lineUntil = 0;
          const executed = this.#command(line);
          if (executed) return this.#resumeAfter(executed);
        } else if (more && !this.#over) {
          this.#lineUntil ||= this.house.clock.elapsed() + this.house.deadlines.command;
          return this.exchange.more('command', this.#lineUntil, this);
        } else this.#silence();
      }
      void this.#end();
    } catch (error) {
      this.#broke(error);
    }
  }

  #resumeAfter(work: Promise<void>): void {
    work.then(
      () => this.resume(true),
      (error: unknown) => this.#broke(error),
    );
  }

  #broke(error: unknown): void {
    failure(this, error, core, 'connection');
    this.#cause = this.causeOf(error);
    void this.#end();
  }

  /** The cause that the connection ends with after an error. */
  causeOf(error: unknown): CloseCause {
    if (!(error instanceof Gone)) return 'error';
    return this.exchange.timedOut === undefined ? 'lost' : 'timeout';
  }

  async #end(): Promise<void> {
    this.session.drop('the connection ended');
    await this.exchange.end();
    farewell(this, this.#cause ?? 'lost');
    if (channels.connection.end.hasSubscribers) channels.connection.end.publish(this.#about());
    this.#door?.left(this);
  }

  /** The client is gone, or was given up: what runs for it has no more than a grace. */
  abandoned(): void {
    this.session.transaction?.end('the client is gone');
    this.watch.abandon(this.lost);
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
    this.exchange.nudge();
  }

  /** Gives up on the client; one within a transaction is told to come again. */
  lose(reason: unknown): void {
    if (this.session.transaction) this.#write(this.house.catalogue.shutdown(this.introduce()), 'timer');
    this.exchange.flush();
    this.exchange.lose(reason);
  }

  /** The server's coarse timer. */
  tick(now: number): void {
    this.exchange.tick(now);
    this.watch.tick(now);
    if (now >= this.#endsAt && this.#cause === undefined) this.exchange.expire('session');
  }

  #greet(greeting: Reply | 'close'): void {
    if (greeting === 'close') this.#cause = 'refused';
    else {
      this.turnedAway = !positive(greeting);
      this.#write(greeting, 'greeting');
      this.#closeAfter(greeting);
    }
  }

  /** Executes a command; a promise only where something has to be waited for. */
  #command(line: Buffer | LineFault): Awaitable<void> {
    const ahead = this.exchange.ahead ? this.#ahead : 'no';
    const utf8 = readsUtf8(this);
    const work = dispatch(this, read(this, line, ahead));
    return isPending(work) ? work.then((its) => this.#judged(its, utf8)) : this.#judged(work, utf8);
  }

  #judged(work: Work, utf8: boolean): Awaitable<void> {
    if (work.starved) return this.#silence();
    const reply = this.#budget.judge(work.reply, work.useful, work.concluded);
    if (this.#budget.slows(reply)) return slowed(this).then(() => this.#answer(work, reply, utf8));
    return this.#answer(work, reply, utf8);
  }

  #answer(work: Work, reply: Reply, utf8: boolean): Awaitable<void> {
    const { command, spec } = work.reading;
    this.#write(reply, command.verb, utf8 || readsUtf8(this));
    // Who talks on out of turn stays so until it waits: a body sent behind a refused DATA has many lines.
    const endsGroup = spec?.it.endsGroup === true || command.ahead === 'out-of-turn';
    this.#ahead = endsGroup && !work.readContent ? 'out-of-turn' : 'in-group';
    this.#closeAfter(reply);
    if (work.effects.length > 0 && positive(reply)) return this.#perform(work);
    if (++this.#turns % commandsPerTurn === 0) return nextTurn();
    return this.exchange.blocked ? this.exchange.relieved() : undefined;
  }

  async #perform(work: Work): Promise<void> {
    for (const effect of work.effects) {
      if (this.#cause === undefined) this.#cause = await perform(this, effect, work.owner);
    }
    await this.exchange.relieved();
  }

  /** A line that is there whole; at once what can't become one: a TLS hello has no line end to wait for. */
  #lineAtHand(): Buffer | LineFault | undefined {
    if (this.#over) return undefined;
    const line = this.exchange.input.readLine(this.house.registry.longestLine);
    if (line !== undefined) return line;
    const first = this.exchange.input.peek();
    return first !== undefined && !mayBegin(first) ? Buffer.of(first) : undefined;
  }

  /** Whether no more commands are read. */
  get #over(): boolean {
    return this.exchange.timedOut !== undefined || (this.#shuttingDown && !this.session.transaction);
  }

  /** No command came, or not whole: a word to who may still read it, and the end. */
  #silence(): void {
    const { timedOut } = this.exchange;
    this.#cause =
      timedOut !== undefined ? 'timeout' : this.lost !== undefined || !this.#shuttingDown ? 'lost' : 'shutdown';
    if (this.#cause === 'timeout') this.#write(replies.of(421, '4.4.2', `${this.house.hostname} timed out`), 'timer');
    if (this.#cause === 'shutdown') this.#write(this.house.catalogue.shutdown(this.introduce()), 'timer');
  }

  #closeAfter(reply: Reply): void {
    if (closes(reply)) this.#cause = reply.code === 221 ? 'quit' : 'refused';
  }

  /** Writes a reply now, by way of `format`. */
  prompt(reply: Reply, at: string): Awaitable<void> {
    this.#write(reply, at);
    this.exchange.send();
    return this.exchange.blocked ? this.watch.waiting(() => this.exchange.relieved()) : undefined;
  }

  /** The next octets of content, at most `maximum`; undefined when the client is gone or `signal` aborts. */
  chunk(maximum: number, signal?: AbortSignal): Awaitable<Buffer | undefined> {
    const take = (): Buffer | undefined => this.exchange.chunkAtHand(maximum);
    return take() ?? arrival(this, take, 'dataBlock', undefined, signal);
  }

  /** Whether the client sends octets within `ms` milliseconds. */
  async spoke(ms: number): Promise<boolean> {
    const { input } = this.exchange;
    if (input.pending > 0) return true;
    const timer = new AbortController();
    const wait = this.house.clock.sleep(ms, timer.signal).catch(() => {});
    await Promise.race([this.exchange.event(), wait]);
    timer.abort();
    return input.pending > 0;
  }

  #write(reply: Reply, at: string, utf8 = readsUtf8(this)): void {
    this.exchange.write(spoken(this, reply, at, utf8));
  }
}
