import { Buffer } from 'node:buffer';
import type { Exchange } from './wire.ts';

/** What a client says, from the greeting to QUIT. */
export interface Script {
  readonly greeting: Exchange;
  readonly hello: Exchange;
  /** One transaction. */
  readonly message: readonly Exchange[];
  readonly quit: Exchange;
}

/** A transaction's shape. */
export interface Mail {
  readonly content: readonly Buffer[];
  readonly recipients?: number;
  /** MAIL, every RCPT and DATA in one go, as RFC 2920 3.1 allows. */
  readonly pipelined?: boolean;
  /** What the content is answered with. Default: 250. */
  readonly code?: number;
}

const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');
const ask = (text: string, code: number): Exchange => ({ send: [line(text)], expect: [code] });

/** Makes all the octets a client sends, once. */
export function script({ content, recipients = 1, pipelined = false, code = 250 }: Mail): Script {
  const envelope = [
    ask('MAIL FROM:<sender@example.org>', 250),
    ...Array.from({ length: recipients }, (_, n) => ask(`RCPT TO:<recipient${n + 1}@example.com>`, 250)),
    ask('DATA', 354),
  ];
  const group: Exchange = {
    send: [Buffer.concat(envelope.flatMap(({ send }) => send))],
    expect: envelope.flatMap(({ expect }) => expect),
  };
  return {
    greeting: { send: [], expect: [220] },
    hello: ask('EHLO client.example.org', 250),
    message: [...(pipelined ? [group] : envelope), { send: content, expect: [code] }],
    quit: ask('QUIT', 221),
  };
}
