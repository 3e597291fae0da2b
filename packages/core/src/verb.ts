import { arrival } from './arrival.ts';
import { Gone } from './failure.ts';
import { bareLineEnding, OpenBody } from './body.ts';
import type { Body, BodyKind, Facts, Session } from './context.ts';
import type { Connection } from './connection.ts';
import type { Reading } from './dispatch.ts';
import type { Effect } from './effect.ts';
import { addRecipient, begin } from './envelope.ts';
import { Fault, SmtpError } from './errors.ts';
import { concerned, overlaid, runOnion, runStage } from './compose.ts';
import { advertise, restart, type Provisional } from './greeting.ts';
import type { Verb } from './plugin.ts';
import { closes, positive, replies } from './replies.ts';
import { core, Scope, type Owner } from './scope.ts';
import { chain, isPending, type Awaitable } from './awaitable.ts';
import type { Stage } from './stages.ts';
import { View } from './view.ts';
import { textOf } from './wire/command.ts';
import { DottedDecoder } from './wire/dotted.ts';
import type { LineFault } from './wire/input.ts';
import type { Path } from './wire/path.ts';
import type { Reply } from './wire/reply.ts';

/** One command's powers: what its handler may do, what it owes the wire, and what is true once its 2xx stands. */
export class Work extends View implements Verb {
  readonly owner: Owner;
  readonly reading: Reading;
  /** What stands once the ring returned. */
  reply: Reply = replies.ok;
  /** Run once the reply was written, if it is a 2xx. */
  effects: readonly Effect[] = noEffects;
  /** Whether it changed anything: a command that doesn't counts as idle. */
  useful = false;
  /** The client went, or was given up, before all that the command waited for had come. */
  starved = false;
  readonly #c: Connection;
  /** What becomes true with a 2xx. */
  #provisionals: readonly Provisional[] = nothing;
  /** The refusal of what no ring may say yes to. */
  #refusal: Reply | undefined = undefined;
  /** Of the octets that come with the command line, those that have not been read. */
  #owed: number;
  #content: DottedDecoder | undefined = undefined;
  #body: OpenBody | undefined = undefined;
  #over = false;

  constructor(scope: Scope, reading: Reading) {
    const owner = reading.spec?.owner ?? core;
    super(scope, owner);
    this.#c = scope.client;
    this.owner = owner;
    this.reading = reading;
    this.#owed = typeof reading.owes === 'number' ? reading.owes : 0;
  }

  get args(): string {
    return this.reading.args;
  }

  // ── the wire ──

  prompt(reply: Reply): Awaitable<void> {
    return this.#live().prompt(reply, this.command.verb);
  }

  async readLine({ limit = 2048, deadline }: { limit?: number; deadline?: number } = {}): Promise<string> {
    const c = this.#live();
    const take = (): Buffer | LineFault | undefined => c.exchange.input.readLine(limit);
    const line = take() ?? (await arrival(c, take, 'command', deadline));
    this.starved = line === undefined;
    if (line === undefined) throw new Gone();
    if (line === 'too-long') throw new SmtpError(replies.of(500, '5.5.6', 'Line too long'));
    if (line === 'bare-lf') throw new SmtpError(replies.closing(replies.of(500, '5.5.2', 'Lines end with CR LF')));
    const text = textOf(line);
    if (text === undefined) throw new SmtpError(replies.of(501, '5.5.2', 'Not a line of text'));
    return text;
  }

  octets(count: number): AsyncIterable<Buffer> {
    let left = count;
    const read = async (): Promise<Buffer | undefined> => {
      const chunk = await this.#counted(left);
      left -= chunk?.length ?? 0;
      return chunk;
    };
    return this.#pieces(() => left <= 0, read);
  }

  dotted(): AsyncIterable<Buffer> {
    const decoder = (this.#content ??= new DottedDecoder(this.#live().house.bareLineEndings));
    return this.#pieces(
      () => decoder.ended,
      () => this.#decoded(decoder),
    );
  }

  /** Content, piece by piece. No generator: it would wait twice as often, and every message comes this way. */
  #pieces(ended: () => boolean, read: () => Awaitable<Buffer | undefined>): AsyncIterable<Buffer> {
    const next = async (): Promise<IteratorResult<Buffer>> => {
      this.#giveUp();
      if (ended()) return { done: true, value: undefined };
      this.#live();
      const piece = read();
      const content = isPending(piece) ? await piece : piece;
      if (!content) throw new Gone();
      return { done: false, value: content };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** Whether a message ended here. */
  get concluded(): boolean {
    return this.#body?.told !== undefined;
  }

  /** Whether content was read up to a final dot: after it pipelining is legal. */
  get readContent(): boolean {
    return this.#content !== undefined;
  }

  /** Reads and drops what the command still owes. */
  async #settle(): Promise<this> {
    while (this.#owed > 0 && (await this.#counted(this.#owed)));
    while (this.#content && !this.#content.ended && (await this.#decoded(this.#content)));
    return this;
  }

  /** Up to `maximum` of the octets that are owed; NaN is not. */
  async #counted(maximum: number): Promise<Buffer | undefined> {
    if (!(maximum <= this.#owed)) throw new Fault('NOT_OWED', [this.command.verb]);
    const chunk = this.starved ? undefined : await this.#c.chunk(maximum);
    this.starved = chunk === undefined;
    this.#owed -= chunk?.length ?? 0;
    return chunk;
  }

  /** The next content; what follows its end goes back. */
  #decoded(decoder: DottedDecoder): Awaitable<Buffer | undefined> {
    return chain(this.starved ? undefined : this.#c.chunk(Number.POSITIVE_INFINITY), (chunk) => {
      this.starved = chunk === undefined;
      const content = chunk && decoder.decode(chunk);
      // Refused, but read to its true end: what follows the first dot that looks like one must not become commands.
      if (decoder.bare && this.#c.house.bareLineEndings === 'refuse') this.#open?.refuse(bareLineEnding);
      if (decoder.ended && decoder.rest.length > 0) this.#c.exchange.input.unread(decoder.rest);
      return content;
    });
  }

  // ── the session ──

  advertise(name: string, extended: boolean): Awaitable<Reply> {
    return chain(advertise(this.#live(), name, extended), (it) => this.#provisional(it));
  }

  async run<C extends Session>(stage: Stage<C>, facts: Omit<C, keyof Session>): Promise<Reply> {
    const c = this.#live();
    const layers = c.house.registry.declared.get(stage) ?? [];
    const scope = new Scope(c, stage.name);
    const innermost = async (): Promise<Reply> =>
      stage.otherwise(overlaid(new View(scope, this.owner), facts) as unknown as C);
    return runOnion(scope, concerned(scope, layers, facts), innermost, facts, this.owner);
  }

  async restart(facts: Partial<Facts>, seed?: (fresh: Session) => void): Promise<Reply> {
    return this.#provisional(await restart(this.#live(), facts, seed, this.owner));
  }

  reset(cause: string): void {
    this.#live().session.drop(cause);
  }

  // ── the transaction ──

  begin(sender: Path, parameters: string): Awaitable<Reply> {
    return chain(begin(this.#live(), sender, parameters), (it) => this.#provisional(it));
  }

  addRecipient(to: Path, parameters: string): Awaitable<Reply> {
    const transaction = this.#live().session.transaction;
    if (!transaction || transaction.body) return this.#provisional({ reply: replies.badSequence });
    return chain(addRecipient(this.#c, transaction, to, parameters), (it) => this.#provisional(it));
  }

  openBody(kind: BodyKind, { binary = false }: { readonly binary?: boolean } = {}): Awaitable<Body> {
    const c = this.#live();
    const transaction = c.session.transaction;
    if (!transaction) throw new SmtpError(replies.badSequence);
    this.useful = true;
    this.#body = this.#open;
    if (this.#body) return this.#body;
    const body = (this.#body = new OpenBody(c, transaction, kind, binary));
    const asked = runStage(c, 'data', { transaction, via: kind }, replies.ok);
    return chain(asked, (reply) => {
      if (positive(reply)) {
        transaction.body = body;
        body.attach();
      } else body.refuse(reply);
      return body;
    });
  }

  after(effect: Effect): void {
    this.#live();
    this.useful = true;
    this.effects = [...this.effects, effect];
  }

  /**
   * The ring returned: what it let pass becomes true, and the handler can do nothing more. Done once what the command
   * still owes was read.
   */
  close(given: Reply): Awaitable<this> {
    this.#over = true;
    const reply = this.#concluded(given);
    this.reply = this.reading.owes === 'close' ? replies.closing(reply) : reply;
    const indebted = this.#owed > 0 || this.#content?.ended === false;
    return indebted && !closes(this.reply) ? this.#settle() : this;
  }

  #concluded(given: Reply): Reply {
    const { catalogue } = this.#c.house;
    if (this.#body?.sealed) return this.#body.told ?? catalogue.unavailable();
    const standing = this.#standing(given);
    const incomplete = this.#incomplete(standing);
    if (incomplete) this.#c.session.drop('an unfinished body');
    const reply = incomplete && positive(standing) ? catalogue.unavailable() : standing;
    for (const { adopt, drop } of this.#provisionals) (positive(reply) ? adopt : drop)?.();
    return this.#toAll(reply);
  }

  /** Who was promised a reply per recipient gets it, whoever made the reply that stands at the end of content. */
  #toAll(reply: Reply): Reply {
    const body = this.#body;
    if (!body || (body.told === undefined && this.#content === undefined)) return reply;
    const asItIs = reply === body.told || reply.parts !== undefined || reply.close === true;
    return asItIs ? reply : body.retell(reply);
  }

  /** 250 means kept, or taken: neither a ring nor a handler can say so of a message or a recipient that was refused. */
  #standing(reply: Reply): Reply {
    if (!positive(reply)) return reply;
    if (this.#refusal && this.#provisionals.length === 0) return this.#refusal;
    if (!this.#body) return reply;
    const { told, refused } = this.#body;
    return told && !positive(told) ? told : (refused ?? reply);
  }

  /** Whether the message has a hole, or no end: content was refused or left unread on its way into it. */
  #incomplete(reply: Reply): boolean {
    if (!this.#c.session.transaction) return false;
    if (typeof this.reading.owes === 'number' && (this.#owed > 0 || !positive(reply))) return true;
    return this.#body !== undefined && this.#open !== undefined && (this.#content !== undefined || !positive(reply));
  }

  get #open(): OpenBody | undefined {
    return this.#c.session.transaction?.body as OpenBody | undefined;
  }

  #live(): Connection {
    if (this.#over) throw new Fault('VERB_OVER', [this.command.verb]);
    return this.#c;
  }

  #provisional(it: Provisional): Reply {
    if (positive(it.reply)) this.useful = true;
    if (it.adopt) this.#provisionals = [...this.#provisionals, it];
    else this.#refusal = it.reply;
    return it.reply;
  }

  /** A refusal that closes is not read to its end. */
  #giveUp(): void {
    const refused = this.#open?.refused;
    if (refused && closes(refused)) throw new SmtpError(refused);
  }
}

const nothing: readonly Provisional[] = [];
const noEffects: readonly Effect[] = [];
