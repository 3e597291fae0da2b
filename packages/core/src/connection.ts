import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { Budget } from './budget.ts';
import type { CloseCause, Connection as Context, Facts, Listener, Peer } from './context.ts';
import type { Conversation, House } from './conversation.ts';
import { dispatch, read } from './dispatch.ts';
import { Fault } from './errors.ts';
import { Exchange } from './exchange.ts';
import { greet } from './greeting.ts';
import { Internationalized, Values } from './key.ts';
import type { TimedStage } from './limits.ts';
import { channels } from './observe.ts';
import type { Powers } from './plugin.ts';
import { prologue } from './prologue.ts';
import { isReply, positive, replies } from './replies.ts';
import { core, Scope } from './scope.ts';
import type { Owner } from './scope.ts';
import type { Inject } from './services.ts';
import { SessionState } from './state.ts';
import type { TlsSettings } from './transport.ts';
import { Gone } from './verb.ts';
import type { Work } from './verb.ts';
import { View } from './view.ts';
import type { LineFault } from './wire/input.ts';
import { encodeReply } from './wire/reply.ts';
import type { Reply } from './wire/reply.ts';

/** Commands answered in one turn of the event loop, so that one client's pipeline doesn't keep the others waiting. */
const commandsPerTurn = 64;

/** One client, from its first octet to its last. */
export class Connection implements Conversation {
  readonly id: string = randomUUID().replaceAll('-', '').slice(0, 20);
  readonly house: House;
  readonly listener: Listener;
  readonly socket: Peer;
  readonly values = new Values();
  session: SessionState;
  transactions = 0;
  turnedAway = false;
  readonly #exchange: Exchange;
  readonly #frames: Scope[] = [];
  readonly #endsAt: number;
  readonly #budget: Budget;
  #ahead: 'in-group' | 'out-of-turn' = 'out-of-turn';
  #cause: CloseCause | undefined = undefined;
  #shuttingDown = false;
  #reading = false;
  #turns = 0;

  constructor(stream: Duplex, facts: Facts, listener: Listener, house: House) {
    this.house = house;
    this.listener = listener;
    this.socket = facts.remote;
    this.session = new SessionState(facts, undefined);
    this.#endsAt = house.clock.now() + house.deadlines.session;
    this.#budget = new Budget(house.limits);
    this.#exchange = new Exchange(stream, house, () => this.#abandon());
  }

  get hostname(): string {
    return this.house.hostname;
  }
  get inject(): Inject {
    return this.house.inject;
  }
  get grace(): number {
    return this.house.deadlines.grace;
  }
  get lost(): unknown {
    return this.#exchange.lost;
  }
  get pending(): number {
    return this.#exchange.pending;
  }

  // ── its life ──

  /** Serves until either side ends; never rejects. `admit`: a reply turns the client away, once it's known who it is. */
  async serve(tls: TlsSettings | undefined, admit: (address: string) => Reply | undefined): Promise<void> {
    const about = { id: this.id, remote: this.socket, listener: this.listener };
    if (channels.connection.start.hasSubscribers) channels.connection.start.publish(about);
    try {
      await this.#converse(tls, admit);
    } catch (error) {
      this.#cause = error instanceof Gone ? 'lost' : 'error';
      this.failure(error, core, 'connection');
    }
    this.session.transaction?.body?.abort('the connection ended');
    this.session.transaction = undefined;
    if (this.#cause !== 'taken-over') await this.#exchange.end();
    this.#close(this.#cause ?? 'lost');
    if (channels.connection.end.hasSubscribers) channels.connection.end.publish(about);
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
    const frame = this.#frames.at(-1);
    if (frame && !this.#reading && now >= frame.expiresAt) {
      frame.expire(new Error(`the deadline of ${frame.stage} passed`));
    }
    if (now >= this.#endsAt && this.#cause === undefined) this.#exchange.expire('session');
  }

  async #converse(tls: TlsSettings | undefined, admit: (address: string) => Reply | undefined): Promise<void> {
    const facts = await prologue(this, (maximum, signal) => this.#arriving(maximum, signal));
    if (facts === 'close') {
      this.#cause = 'refused';
      return;
    }
    this.session = new SessionState(facts, undefined);
    const refusal = admit(facts.remote.address);
    if (tls) {
      if (refusal) throw new Gone(); // a handshake would be the work that a flood is after
      this.session = new SessionState(facts, await this.#exchange.secure(tls, 'keep'));
    }
    const greeting = refusal ? replies.closing(refusal) : await greet(this, this.session);
    this.turnedAway = greeting.code >= 500;
    await this.prompt(greeting, 'greeting');
    this.#closeAfter(greeting);
    while (this.#cause === undefined) await this.#command();
  }

  async #command(): Promise<void> {
    const line = await this.#commandLine();
    if (line === undefined) return this.#silence();
    const talked = this.#exchange.unsent || this.#exchange.early;
    const reading = read(this, line, talked ? this.#ahead : 'no');
    const utf8 = this.#utf8;
    const { reply, work, whole } = await dispatch(this, reading);
    if (!whole || this.#exchange.timedOut !== undefined || this.lost !== undefined) return this.#silence();
    const judged = this.#budget.judge(reply, work.useful, work.concluded);
    if (judged.slow) await this.#slowed();
    this.#write(judged.reply, reading.command.verb, utf8 || this.#utf8);
    this.#ahead = reading.spec?.it.endsGroup === true && !work.readContent ? 'out-of-turn' : 'in-group';
    this.#closeAfter(judged.reply);
    if (this.#cause === undefined && positive(judged.reply))
      for (const effect of work.effects) await this.#effect(effect);
    if (++this.#turns % commandsPerTurn === 0) await nextTurn();
    await this.#exchange.relieved();
  }

  /** The next command line; at once what can't become one: a TLS hello has no line end to wait for. */
  async #commandLine(): Promise<Buffer | LineFault | undefined> {
    const { limits, registry } = this.house;
    const until = this.now() + this.house.deadlines.command;
    for (;;) {
      if (this.#shuttingDown && !this.session.transaction) return undefined;
      const line = this.#exchange.lineAtHand(registry.longestLine(limits.commandLine));
      if (line !== undefined) return line;
      const first = this.#exchange.peek();
      if (first !== undefined && !mayBegin(first)) return Buffer.of(first);
      if (!(await this.#exchange.more('command', until))) return undefined;
    }
  }

  /** No command came, or not whole: a word to who may still read it, and the end. */
  #silence(): void {
    const { timedOut } = this.#exchange;
    this.#cause =
      timedOut !== undefined ? 'timeout' : this.lost !== undefined || !this.#shuttingDown ? 'lost' : 'shutdown';
    if (this.#cause === 'timeout') this.#write(replies.of(421, '4.4.2', `${this.hostname} timed out`), 'timer');
    if (this.#cause === 'shutdown') this.#write(this.house.catalogue.shutdown(this.introduce()), 'timer');
  }

  #closeAfter(reply: Reply): void {
    if (reply.close) this.#cause = reply.code === 221 ? 'quit' : 'refused';
  }

  async #effect(effect: Work['effects'][number]): Promise<void> {
    this.#exchange.flush();
    await this.#exchange.relieved();
    const powers: Powers = {
      upgrade: async (tls) => {
        this.session = new SessionState(this.session, await this.#exchange.secure(tls, 'discard'));
      },
      takeOver: async (run) => {
        this.#cause = 'taken-over';
        const scope = new Scope(this, 'takeOver');
        this.enter(scope);
        const stream = this.#exchange.release();
        await run(stream, scope.signal).finally(() => stream.destroy());
      },
    };
    await effect(powers);
  }

  #close(cause: CloseCause): void {
    for (const { owner, it } of this.house.registry.collected.close) {
      try {
        it(new View(new Scope(this, 'close', { cause }), owner));
      } catch (error) {
        this.failure(error, owner, 'close');
      }
    }
  }

  async #slowed(): Promise<void> {
    const scope = new Scope(this, 'command');
    await scope.run(
      () => this.house.clock.sleep(1000, scope.signal).catch(() => {}),
      () => {},
    );
  }

  // ── time ──

  readonly now = (): number => this.house.clock.now();

  deadline(stage: string): number {
    const { stages, stage: each } = this.house.deadlines;
    return stages[stage as TimedStage] ?? each;
  }

  enter(scope: Scope): void {
    this.#frames.push(scope);
  }

  leave(scope: Scope): void {
    const at = this.#frames.lastIndexOf(scope);
    if (at >= 0) this.#frames.length = at;
    const outer = this.#frames.at(-1);
    if (outer) outer.expiresAt += this.now() - scope.enteredAt;
  }

  #abandon(): void {
    for (const frame of this.#frames) frame.abort(this.lost);
  }

  /** What a plugin's failure is worth to the client: nothing but that it may try again. */
  failure(error: unknown, owner: Owner, stage: string): Reply {
    const { reply } = (error ?? {}) as { reply?: unknown };
    if (isReply(reply)) return reply;
    const gone = error instanceof Gone || (this.lost !== undefined && error === this.lost);
    const fields = { id: this.id, plugin: owner.name, stage, err: error };
    if (!gone && (error as Error | undefined)?.name !== 'AbortError') {
      this.house.log.error(fields, `${owner.name} failed in ${stage}`);
    }
    return this.house.catalogue.unavailable();
  }

  readonly tooLate = (scope: Scope): Reply => {
    const owner = scope.owner ?? core;
    return this.failure(new Fault('TOO_LATE', [owner.name, scope.stage]), owner, scope.stage);
  };

  // ── the wire, for verbs ──

  async prompt(reply: Reply, at: string): Promise<void> {
    this.#write(reply, at);
    this.#exchange.flush();
    await this.#exchange.relieved();
  }

  line(limit: number): Promise<Buffer | LineFault | undefined> {
    return this.#awaited(() => this.#exchange.lineAtHand(limit), 'command');
  }

  chunk(maximum: number): Promise<Buffer | undefined> {
    return this.#awaited(() => this.#exchange.chunkAtHand(maximum), 'dataBlock');
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

  /** What a prologue reads: empty at the end or when `signal` aborts. */
  async #arriving(maximum: number, signal: AbortSignal): Promise<Buffer> {
    const wake = (): void => this.#exchange.wake();
    signal.addEventListener('abort', wake, { once: true });
    const none = Buffer.alloc(0);
    const take = (): Buffer | undefined => this.#exchange.chunkAtHand(maximum) ?? (signal.aborted ? none : undefined);
    const came = await this.#awaited(take, 'command', false);
    signal.removeEventListener('abort', wake);
    return came ?? none;
  }

  /** Waits for the client; the time of whoever asked stands still meanwhile. */
  async #awaited<T>(take: () => T | undefined, wait: 'command' | 'dataBlock', itsTime = true): Promise<T | undefined> {
    let until: number | undefined;
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      const since = this.now();
      this.#reading = itsTime;
      const more = await this.#exchange.more(wait, (until ??= since + this.house.deadlines[wait]));
      this.#reading = false;
      const frame = this.#frames.at(-1);
      if (frame && itsTime) frame.expiresAt += this.now() - since;
      if (!more) return undefined;
    }
  }

  #write(reply: Reply, at: string, utf8 = this.#utf8): void {
    const text = reply.parts
      ? { ...reply, parts: reply.parts.map((part) => this.#formatted(part, at)) }
      : this.#formatted(reply, at);
    if (channels.reply.hasSubscribers) channels.reply.publish({ id: this.id, at, reply: text });
    this.#exchange.write(encodeReply(text, utf8));
  }

  #formatted(reply: Reply, at: string): Reply {
    let text = reply;
    for (const { owner, it } of this.house.registry.formats) {
      try {
        text = it(text, new View(new Scope(this, 'format'), owner), at);
      } catch (error) {
        this.failure(error, owner, 'format');
      }
    }
    return text;
  }

  /** Replies may hold UTF-8 once the client has shown that it reads it (RFC 6531 3.7.4). */
  get #utf8(): boolean {
    return this.session.transaction?.values.get(Internationalized) === true;
  }
}

/** Verbs begin with a letter; an empty line with its CR. */
function mayBegin(octet: number): boolean {
  const letter = octet | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || octet === 0x0d;
}
