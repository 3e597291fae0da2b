import {
  inject,
  injectable,
  Log,
  service,
  token,
  type AnyService,
  type AnyToken,
  type Host,
  type Plugin,
  type Token,
} from '@maitred/core';

/** Where a ledger writes. */
export interface Book extends Disposable {
  write(line: string): void;
  readonly lines: readonly string[];
}

/** The book of a server. */
export const Book: Token<Book> = token('book');

class PaperBook implements Book {
  readonly lines: string[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  write(line: string): void {
    this.lines.push(line);
  }

  [Symbol.dispose](): void {
    this.#log.info({ lines: this.lines.length }, 'the book is closed');
  }
}

/** A plugin as a class: its services come by its constructor, and its methods keep their `this`. */
@injectable()
export class Ledger implements Omit<Plugin, 'name'> {
  static readonly plugin: {
    readonly name: string;
    readonly requires: readonly AnyToken[];
    readonly services: readonly AnyService[];
  } = {
    name: 'ledger',
    requires: [Log, Book],
    services: [service({ token: Book, create: (resolve) => new PaperBook(resolve(Log)) })],
  };

  readonly stages: NonNullable<Plugin['stages']> = {
    message: async (message, next) => {
      const reply = await next();
      this.#note(`${message.sender.mailbox} ${message.content.size} ${reply.code}`);
      return reply;
    },
  };
  readonly #book: Book;
  readonly #log: Log;
  #hostname = '';

  constructor(@inject(Book) book: Book, @inject(Log) log: Log) {
    this.#book = book;
    this.#log = log;
  }

  setup({ hostname }: Host): void {
    this.#hostname = hostname;
  }

  close(): void {
    this.#log.info({}, `the ledger of ${this.#hostname} is closed`);
  }

  #note(line: string): void {
    this.#book.write(`${this.#hostname}: ${line}`);
  }
}
