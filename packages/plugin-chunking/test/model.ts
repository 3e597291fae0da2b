/** Who says no to a command with content, and when; `nobody`: it takes its course. */
export type Refusal = 'nobody' | 'ring-first' | 'ring-last' | 'data' | 'tap' | 'message' | 'sink';

/** One command of a client, with the octets that belong to it, one a character. */
export type Op =
  | { readonly verb: 'MAIL'; readonly refused: boolean; readonly binary: boolean }
  | { readonly verb: 'RCPT'; readonly refused: boolean }
  | { readonly verb: 'BDAT'; readonly content: string; readonly last: boolean; readonly refusal: Refusal }
  | { readonly verb: 'DATA'; readonly lines: readonly string[]; readonly refusal: Refusal }
  | { readonly verb: 'RSET' | 'NOOP' }
  | { readonly verb: 'BROKEN'; readonly args: string };

/** The command line, without its CRLF. */
export function lineOf(op: Op): string {
  switch (op.verb) {
    case 'MAIL':
      return `MAIL FROM:<${op.refused ? 'refused' : 'a'}@client.example>${op.binary ? ' BODY=BINARYMIME' : ''}`;
    case 'RCPT':
      return `RCPT TO:<${op.refused ? 'nobody' : 'b'}@server.example>`;
    case 'BDAT':
      return `BDAT ${op.content.length}${op.last ? ' LAST' : ''}`;
    case 'BROKEN':
      return `BDAT ${op.args}`;
    default:
      return op.verb;
  }
}

/** What is sent at once: the line, and BDAT's chunk. */
export const octetsOf = (op: Op): string => `${lineOf(op)}\r\n${op.verb === 'BDAT' ? op.content : ''}`;

/** What is sent after 354. */
export const dataOf = (lines: readonly string[]): string =>
  `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`;

/** The content of a message under way, and what can come of it. */
interface Transaction {
  readonly binary: boolean;
  recipients: number;
  dataAsked: boolean;
  /** Unset until a first chunk was taken. */
  content: string | undefined;
}

/** A bare CR or LF; a CR at the very end is one only when nothing follows. */
const bare = (text: string, whole: boolean): boolean =>
  (whole ? /\r(?!\n)|(?<!\r)\n/ : /\r(?!\n|$)|(?<!\r)\n/).test(text);

/**
 * What RFC 3030, and what this server promises beyond it, make of a client's commands: a few lines that know nothing of
 * how octets travel.
 */
export class Model {
  /** The contents that have to be kept, in order. */
  readonly kept: string[] = [];
  /** The connection ended. */
  over = false;
  #transaction: Transaction | undefined = undefined;

  /** The code a command is answered with; `354` asks for DATA's content. */
  command(op: Op): number {
    const transaction = this.#transaction;
    switch (op.verb) {
      case 'RSET':
        this.#transaction = undefined;
        return 250;
      case 'MAIL':
        if (transaction) return 503;
        if (op.refused) return 550;
        this.#transaction = { binary: op.binary, recipients: 0, dataAsked: false, content: undefined };
        return 250;
      case 'RCPT':
        if (!transaction || transaction.content !== undefined) return 503;
        if (op.refused) return 550;
        transaction.recipients += 1;
        return 250;
      case 'BROKEN':
        this.over = true;
        return 501;
      case 'BDAT':
        return this.#bdat(op.content, op.last, op.refusal);
      case 'DATA':
        return this.#data(op.refusal);
      default:
        return 250;
    }
  }

  /** The code at the end of DATA's content. */
  dataEnd(lines: readonly string[], refusal: Refusal): number {
    const content = lines.map((line) => `${line}\r\n`).join('');
    const refused = bare(content, true) || (refusal === 'tap' && content !== '');
    return this.#end(content, refused, refusal);
  }

  #bdat(chunk: string, last: boolean, refusal: Refusal): number {
    const ringed = refusal === 'ring-last' ? 450 : undefined;
    const transaction = this.#transaction;
    // A chunk that is refused for whatever reason ends the transaction: the message would have a hole.
    this.#transaction = undefined;
    if (refusal === 'ring-first') return 450;
    if (!transaction) return ringed ?? 503;
    if (transaction.recipients === 0) return ringed ?? 554;
    if (transaction.content === undefined && transaction.dataAsked) return ringed ?? 503;
    if (transaction.content === undefined && refusal === 'data') return 450;
    const content = (transaction.content ?? '') + chunk;
    const refused = (!transaction.binary && bare(content, last)) || (refusal === 'tap' && chunk !== '');
    if (last) return this.#end(content, refused, refusal);
    if (refused || ringed) return ringed ?? 554;
    transaction.content = content;
    this.#transaction = transaction;
    return 250;
  }

  #data(refusal: Refusal): number {
    const ringed = refusal === 'ring-last' ? 450 : undefined;
    const transaction = this.#transaction;
    if (refusal === 'ring-first') return 450;
    if (!transaction || transaction.content !== undefined) return ringed ?? 503;
    if (transaction.recipients === 0) return ringed ?? 554;
    transaction.dataAsked = true;
    if (transaction.binary) return ringed ?? 503;
    return refusal === 'data' ? 450 : 354;
  }

  /** A ring that answers last is heard, but for what a sink has begun to commit. */
  #end(content: string, refused: boolean, refusal: Refusal): number {
    this.#transaction = undefined;
    if (refused) return refusal === 'ring-last' ? 450 : 554;
    if (refusal === 'message') return 550;
    if (refusal === 'sink') return 452;
    this.kept.push(content);
    return 250;
  }
}
