import type { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { ReplyReader } from './replies.ts';

/** What is sent at once, and the code of each reply to it. */
export interface Exchange {
  readonly send: readonly Buffer[];
  readonly expect: readonly number[];
}

/** A server that answered otherwise than it had to, or not at all. */
export class BadAnswer extends Error {}

const nothing: Exchange = { send: [], expect: [] };

/** One client connection that says what it's told and holds the server to the replies. */
export class Wire {
  /** How many whole replies came. */
  replies = 0;
  readonly #socket: Socket;
  readonly #onFault: (fault: BadAnswer) => void;
  #exchange: Exchange = nothing;
  #answered = 0;
  #then: () => void = () => {};
  #onClosed: (() => void) | undefined = undefined;
  #over = false;

  /** Connects to a port of this machine. `onFault`: told once of the first wrong, missing or unasked reply. */
  constructor(port: number, onFault: (fault: BadAnswer) => void) {
    this.#onFault = onFault;
    const reader = new ReplyReader((code) => this.#reply(code));
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      // One buffer per connection, read in place: the generator's own cost is to be small.
      onread: {
        buffer: new Uint8Array(2048),
        callback: (length, octets) => {
          reader.read(octets, length);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#fault(error.message));
    this.#socket.on('close', () => this.#close());
  }

  /** Sends what an exchange says; `then` is called once all its replies came. One exchange at a time. */
  ask(exchange: Exchange, then: () => void): void {
    this.#exchange = exchange;
    this.#answered = 0;
    this.#then = then;
    this.#write(exchange.send, 0);
  }

  /** Waits for the server to end the connection, as it was asked to. */
  closed(then: () => void): void {
    this.#exchange = nothing;
    this.#answered = 0;
    this.#onClosed = then;
  }

  /** Ends the connection at once; nothing more is told. */
  destroy(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #write(pieces: readonly Buffer[], from: number): void {
    for (let at = from; at < pieces.length; at += 1) {
      if (this.#socket.write(pieces[at] as Buffer) || at + 1 === pieces.length) continue;
      this.#socket.once('drain', () => this.#write(pieces, at + 1));
      return;
    }
  }

  #reply(code: number): void {
    if (this.#over) return;
    this.replies += 1;
    const due = this.#exchange.expect[this.#answered];
    if (code !== due) return this.#fault(`${code} came where ${due ?? 'no reply'} was due`);
    this.#answered += 1;
    if (this.#answered === this.#exchange.expect.length) this.#then();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#onClosed) this.#onClosed();
    else this.#onFault(new BadAnswer(`the connection ended where ${this.#exchange.expect[this.#answered]} was due`));
  }

  #fault(what: string): void {
    if (this.#over) return;
    this.destroy();
    this.#onFault(new BadAnswer(what));
  }
}
