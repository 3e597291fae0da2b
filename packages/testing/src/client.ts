import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { dotStuffed } from './dots.ts';
import { inOneLine, takeReply } from './reply.ts';
import type { ReceivedReply } from './reply.ts';

/** What {@link Client.mail} sends; what is left out has a plain default. */
export interface MailOptions {
  /** The reverse-path without its angle brackets; empty: the null one. */
  readonly from?: string;
  readonly to?: string | readonly string[];
  /** Sent dot-stuffed and otherwise as it is: bring your own CRLFs. */
  readonly content?: string | Uint8Array;
  /** What follows MAIL's path: `SIZE=1000 BODY=8BITMIME`. */
  readonly parameters?: string;
}

/** A client that does what a test says, and nothing by itself but answer the server's FIN with its own. */
export interface Client {
  /**
   * The next reply, all its lines. Rejects when the connection ends first or patience does, saying what was received,
   * and when what came is no reply. May be called ahead, once per reply that is due.
   */
  reply(): Promise<ReceivedReply>;
  /**
   * Sends the line with CRLF and awaits one reply. Rejects, and sends nothing, where no reply was asked for yet: the
   * greeting is one.
   */
  command(line: string): Promise<ReceivedReply>;
  /** Sends octets as they are (a string as UTF-8) in one write; awaits nothing. */
  send(octets: string | Uint8Array): void;
  /** Greets with EHLO, after the server's 220 if nothing was read yet; gives EHLO's reply. Rejects on another greeting. */
  hello(name?: string): Promise<ReceivedReply>;
  /** Sends a mail, step by step; gives the last reply. Rejects, naming the step, when an earlier one is refused. */
  mail(options?: MailOptions): Promise<ReceivedReply>;
  /** Our FIN: the server can still answer. */
  end(): void;
  /** Vanishes without a word: a reset. */
  destroy(): void;
  /** Once the server has closed its side or the connection broke: everything received and not yet read as a reply. */
  closed(): Promise<string>;
  /** Takes the client's side of a TLS handshake on this connection. Any certificate will do, unless the options differ. */
  secure(options?: ConnectionOptions): Promise<void>;
  /** Everything received so far, decrypted, read or not. */
  readonly transcript: string;
  /** What it talks through: after `secure`, the TLS socket. Pause it, and the server's replies are no longer read. */
  readonly stream: Duplex;
}

/** How a client waits. */
export interface ClientOptions {
  /** Real milliseconds it waits for a reply, the end or a handshake. Default: 5,000. */
  readonly patience?: number;
}

/** A client on any stream, for what the {@link ways} don't reach: a Unix socket, a proxy, a peer of your own. */
export function clientOn(stream: Duplex, { patience = 5000 }: ClientOptions = {}): Client {
  return new StreamClient(stream, patience);
}

class StreamClient implements Client {
  readonly #wire: Duplex;
  readonly #patience: number;
  readonly #waiting = new Set<() => void>();
  readonly #decoder = new StringDecoder('utf8');
  #stream: Duplex;
  #transcript = '';
  #read = 0;
  /** Whether the greeting was asked for, or has been read. */
  #asked = false;
  #over: string | undefined = undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(stream: Duplex, patience: number) {
    this.#wire = this.#stream = stream;
    this.#patience = patience;
    this.#listen(stream);
  }

  get transcript(): string {
    return this.#transcript;
  }

  get stream(): Duplex {
    return this.#stream;
  }

  async reply(): Promise<ReceivedReply> {
    this.#asked = true;
    const before = this.#last;
    let done: (() => void) | undefined;
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      return await this.#next();
    } finally {
      done?.();
    }
  }

  async command(line: string): Promise<ReceivedReply> {
    if (!this.#asked) throw new Error('read the greeting first: hello() or reply()');
    this.send(`${line}\r\n`);
    return this.reply();
  }

  send(octets: string | Uint8Array): void {
    this.#stream.write(octets);
  }

  async hello(name = 'client.example'): Promise<ReceivedReply> {
    if (this.#read === 0) positive('the greeting', await this.reply(), 220);
    return this.command(`EHLO ${name}`);
  }

  async mail({
    from = 'sender@client.example',
    to = 'recipient@server.example',
    content = 'Subject: hello\r\n\r\nHello.\r\n',
    parameters,
  }: MailOptions = {}): Promise<ReceivedReply> {
    const step = async (line: string, code?: number): Promise<void> => positive(line, await this.command(line), code);
    await step(`MAIL FROM:<${from}>${parameters === undefined ? '' : ` ${parameters}`}`);
    for (const one of [to].flat()) await step(`RCPT TO:<${one}>`);
    await step('DATA', 354);
    this.send(dotStuffed(content));
    return this.reply();
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    if (this.#wire instanceof Socket) this.#wire.resetAndDestroy();
    else this.#wire.destroy();
    this.#stream.destroy();
  }

  async closed(): Promise<string> {
    const until = performance.now() + this.#patience;
    while (this.#over === undefined) {
      if (!(await this.#event(until))) throw new Error(`the server kept the connection open; ${this.#soFar}`);
    }
    return this.#unread;
  }

  async secure(options: ConnectionOptions = {}): Promise<void> {
    const plain = this.#stream;
    for (const [event, ear] of Object.entries(this.#ears)) plain.off(event, ear);
    const tls = connect({ rejectUnauthorized: false, ...options, socket: plain });
    this.#stream = tls;
    const failed = await new Promise<Error | undefined>((resolve) => {
      const tired = setTimeout(() => resolve(new Error('the handshake took too long')), this.#patience);
      const settle = (error?: Error): void => {
        clearTimeout(tired);
        resolve(error);
      };
      tls.once('secureConnect', () => settle());
      tls.once('error', settle);
      tls.once('close', () => settle(new Error('the server went away during the handshake')));
    });
    this.#listen(tls);
    if (!failed) return;
    this.#over ??= failed.message;
    tls.destroy();
    throw failed;
  }

  get #unread(): string {
    return this.#transcript.slice(this.#read);
  }

  get #soFar(): string {
    return this.#transcript === '' ? 'nothing was received' : `received so far:\n${this.#transcript.trimEnd()}`;
  }

  async #next(): Promise<ReceivedReply> {
    const until = performance.now() + this.#patience;
    for (;;) {
      const reply = takeReply(this.#unread);
      if (reply) {
        this.#read += reply.raw.length;
        return reply;
      }
      if (this.#over !== undefined) throw new Error(`no reply: ${this.#over}; ${this.#soFar}`);
      if (!(await this.#event(until))) throw new Error(`no reply within ${this.#patience} ms; ${this.#soFar}`);
    }
  }

  /** True at the next news from the server, false when `until` comes first. */
  #event(until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => settle(true);
      const tired = setTimeout(() => settle(false), until - performance.now());
      const settle = (news: boolean): void => {
        clearTimeout(tired);
        this.#waiting.delete(wake);
        resolve(news);
      };
      this.#waiting.add(wake);
    });
  }

  #listen(stream: Duplex): void {
    for (const [event, ear] of Object.entries(this.#ears)) stream.on(event, ear);
    stream.on('error', () => {}); // a broken connection is what tests are about
  }

  readonly #ears = {
    data: (chunk: Buffer): void => {
      this.#transcript += this.#decoder.write(chunk);
      for (const wake of this.#waiting) wake();
    },
    end: (): void => {
      this.#stream.end();
      this.#end('the server closed the connection');
    },
    error: (error: Error): void => this.#end(`the connection broke (${error.message})`),
    close: (): void => this.#end('the connection is gone'),
  };

  #end(how: string): void {
    this.#over ??= how;
    for (const wake of this.#waiting) wake();
  }
}

function positive(step: string, reply: ReceivedReply, code?: number): void {
  if (code === undefined ? reply.code >= 200 && reply.code < 300 : reply.code === code) return;
  throw new Error(`${step} was answered ${inOneLine(reply)}`);
}
