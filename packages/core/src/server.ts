import type { Duplex } from 'node:stream';
import { assemble, type Assembly } from './assemble.ts';
import type { Facts, Listener, Message, Peer, RecipientContext } from './context.ts';
import { describe, type Description } from './describe.ts';
import { Fault } from './errors.ts';
import type { Deadlines, Limits } from './limits.ts';
import { Listeners, nowhere, type ListenOptions } from './listeners.ts';
import { guarded, Log } from './log.ts';
import type { Outcome, Plugin, PluginClass } from './plugin.ts';
import { basics, type AnyPlugin } from './presets.ts';
import type { Used } from './registry.ts';
import { isReply, replies, type Catalogue } from './replies.ts';
import type { AnyService, Token } from './services.ts';
import { chain, type Awaitable } from './awaitable.ts';
import { on, type AnyStage, type Collected, type CoreStages, type Hook, type Stage } from './stages.ts';
import type { TlsSettings } from './transport.ts';
import type { Reply } from './wire/reply.ts';

/** What a server is made with. */
export interface ServerOptions {
  /** The server's own name: in the greeting, EHLO's reply and `Received:`. */
  readonly hostname: string;
  /** Texts of the application's own. */
  readonly replies?: Partial<Catalogue>;
  readonly limits?: Partial<Limits>;
  readonly deadlines?: Partial<Deadlines>;
  /** A bare CR or LF in a command or a message: refused, or (for sloppy clients of your own) made CRLF. Default: `refuse`. */
  readonly bareLineEndings?: 'refuse' | 'convert';
  /** Input behind a command that must end a group: 554 and the end, or executed in its turn. Default: `refuse`. */
  readonly talkingAhead?: 'refuse' | 'allow';
  /** Parameters that are dropped instead of answered with 555. Default: AUTH on MAIL, which a large sender adds unasked. */
  readonly ignoredParameters?: { readonly MAIL?: readonly string[]; readonly RCPT?: readonly string[] };
  /** The plugins every server begins with. Default: `basics()`. */
  readonly base?: readonly AnyPlugin[];
}

/** Who claims a recipient, in short: true accepts it, a reply is the answer, anything else passes on. */
export type Claim = (ctx: RecipientContext) => Awaitable<Reply | boolean | undefined>;

/** Keeps a message, in short: returning means that it is kept; a reply of its own is the answer. */
export type Keep = (message: Message) => Awaitable<Reply | void>;

/** What `use` takes; lists are flattened, and what is false or undefined is skipped. */
export type Usable = (Plugin & NoFunction) | PluginClass | readonly Usable[] | false | undefined;

/** A factory that nobody called has a name too. */
interface NoFunction {
  readonly call?: never;
}

/** Where an attached stream came from. */
export interface AttachOptions extends Partial<Facts> {
  readonly name?: string;
  /** TLS from the first octet. */
  readonly tls?: TlsSettings;
}

/** An SMTP server: composed of plugins, then started once, then closed. */
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #used: Used<AnyPlugin>[];
  readonly #overrides: AnyService[] = [];
  #assembly: Assembly | undefined = undefined;
  #started: Promise<Listeners> | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#used = (options.base ?? basics()).map((plugin) => ({ plugin }));
  }

  /** Adds plugins, in this order. */
  use(...plugins: readonly Usable[]): this {
    this.#early('use');
    for (const plugin of plugins) {
      if (Array.isArray(plugin)) this.use(...(plugin as readonly Usable[]));
      else if (plugin) this.#used.push({ plugin: plugin as AnyPlugin });
    }
    return this;
  }

  /** Adds one middleware of the application's own, in its place among the plugins; it may use any key. */
  on<S extends keyof CoreStages>(stage: S, hook: Hook<CoreStages[S]>): this;
  on<S extends keyof Collected>(stage: S, hook: Collected[S]): this;
  on<C>(stage: Stage<C>, hook: Hook<C>): this;
  on(stage: string | AnyStage, hook: Hook<never>): this {
    callable(typeof hook === 'object' ? hook.handle : hook, 'on');
    if (typeof stage === 'string') return this.#own(stage, { stages: { [stage]: hook } });
    return this.#own(stage.name, { on: [on(stage, hook)], optional: [stage] });
  }

  /** Says whose mail is taken. Without any acceptor every recipient gets 550 5.7.1. */
  accept(claim: Claim): this {
    callable(claim, 'accept');
    return this.#own('accept', {
      accepts: {
        who: claim.name === '' ? 'the application' : claim.name,
        claim: (ctx) => chain(claim(ctx), (said) => (said === true ? recipientOk : said || undefined)),
      },
    });
  }

  /** Keeps messages, for all their recipients. Without any sink every message gets 451. */
  deliver(keep: Keep): this {
    callable(keep, 'deliver');
    return this.on('deliver', (message) => {
      const told = (reply: Reply | void): readonly Outcome[] | undefined => {
        if (isReply(reply)) return message.recipients.map((recipient) => ({ recipient, reply }));
        // What a function happens to return, such as a list's new length, must not have the message sent again.
        if (reply !== undefined) guarded(message.inject(Log)).warn({ id: message.id }, notAReply);
        return undefined;
      };
      return { recipients: message.recipients, commit: () => chain(keep(message), told) };
    });
  }

  /** Puts another service in a token's place, as a test does. The value stays the caller's: it's not disposed. */
  override<T>(token: Token<T>, value: T): this {
    this.#early('override');
    this.#overrides.push({ token, override: true, create: () => value });
    return this;
  }

  /** What this server is made of, for people: verbs, keywords, order, acceptors, sinks. Runs no `setup`. */
  describe(): Description {
    return describe(this.#assembled());
  }

  /** Sets the plugins up without listening, for servers that are only attached to. Called by `listen` and `attach`. */
  async start(): Promise<void> {
    await this.#running('start');
  }

  /** Listens on several addresses at once; gives what was bound, in order. If one fails, all are closed. */
  async listen(...at: readonly ListenOptions[]): Promise<Peer[]> {
    const wrong = at.length === 0 ? ['nothing'] : at.filter((where) => typeof where !== 'object');
    if (wrong.length > 0) throw new Fault('NOWHERE', [String(wrong[0])]);
    const listeners = await this.#running('listen');
    try {
      const bound: Peer[] = [];
      for (const where of at) {
        this.#open('listen');
        bound.push(await listeners.listen(where));
      }
      return bound;
    } catch (error) {
      // Who closed it meanwhile said how long its clients have.
      if (!this.#closed) await this.close({ deadline: 0 });
      throw error;
    }
  }

  /** Serves one client on any duplex stream; resolves when it's gone. */
  async attach(stream: Duplex, { remote, local, name = 'attached', tls }: AttachOptions = {}): Promise<void> {
    const listeners = await this.#running('attach');
    const facts = { remote: remote ?? nowhere, local: local ?? nowhere };
    const listener: Listener = { name, tls: tls ? 'implicit' : 'none' };
    await new Promise<void>((resolve) => listeners.serve(stream, facts, listener, tls, resolve));
  }

  /**
   * Takes no new clients, lets transactions finish (421 between them) until `deadline` milliseconds (default 30,000) are
   * over, ends the rest, closes plugins in reverse order and disposes the services. Called again, the sooner deadline counts.
   */
  close({ deadline = 30_000 }: { readonly deadline?: number } = {}): Promise<void> {
    const emptied = this.#started?.then(
      (listeners) => listeners.close(deadline),
      () => {},
    );
    return (this.#closed ??= Promise.resolve(emptied).then(() => this.#assembly?.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assembled(): Assembly {
    return (this.#assembly ??= assemble(this.#options, this.#used, this.#overrides));
  }

  #running(call: string): Promise<Listeners> {
    this.#open(call);
    return (this.#started ??= this.#start());
  }

  async #start(): Promise<Listeners> {
    const assembly = this.#assembled();
    await assembly.setup();
    return new Listeners(assembly.house);
  }

  #own(what: string, parts: Omit<Plugin, 'name'>): this {
    this.#early('on');
    const count = this.#used.filter(({ free }) => free).length + 1;
    this.#used.push({ plugin: { name: `application #${count} (${what})`, ...parts }, free: true });
    return this;
  }

  #open(call: string): void {
    if (this.#closed) throw new Fault('SERVER_CLOSED', [call]);
  }

  #early(call: string): void {
    if (this.#assembly) throw new Fault('ALREADY_STARTED', [call]);
  }
}

/** Makes a server; `use` plugins, `accept` recipients, `deliver` messages, `listen`. */
export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

function callable(given: unknown, call: string): void {
  if (typeof given !== 'function') throw new Fault('NO_FUNCTION', ['the application', call]);
}

const notAReply = 'what deliver gave is no reply, and ignored: return one of replies.of(), or nothing';

const recipientOk = Object.freeze(replies.of(250, '2.1.5', 'Recipient OK'));
