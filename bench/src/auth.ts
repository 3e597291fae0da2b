import { Buffer } from 'node:buffer';
import { spread } from './figures.ts';
import type { Row } from './figures.ts';
import type { Effort } from './rounds.ts';
import { Subject } from './subject.ts';
import { Wire } from './wire.ts';
import type { Exchange } from './wire.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ask = (text: string, code: number): Exchange => ({ send: [Buffer.from(`${text}\r\n`)], expect: [code] });

/** Of each mechanism the exchange whose time could tell who exists, and what has to be said before the next. */
const mechanisms = [
  {
    name: 'PLAIN',
    attempt: (user: string) => ask(`AUTH PLAIN ${base64(`\0${user}\0no such password`)}`, 535),
    after: [],
  },
  {
    name: 'SCRAM-SHA-256, the salt',
    attempt: (user: string) => ask(`AUTH SCRAM-SHA-256 ${base64(`n,,n=${user},r=nonce`)}`, 334),
    after: [ask('*', 501)],
  },
];

const users = { 'wrong password': 'known', 'unknown user': 'nobody' } as const;

/** Milliseconds until a refusal: of a known user with a wrong password and of an unknown user, attempt by attempt in turn. */
export async function timeToRefusal(title: string, { rounds, milliseconds }: Effort): Promise<Row[]> {
  await using subject = await Subject.start({ name: 'AUTH', program: new URL('./servers/auth.ts', import.meta.url) });
  const rows: Row[] = [];
  for (const { name, attempt, after } of mechanisms) {
    const measured = new Map<string, number[]>(Object.keys(users).map((who) => [who, []]));
    const client = await Client.open(subject.port);
    const until = performance.now() + rounds * milliseconds;
    for (let n = 0; n < 10 || performance.now() < until; n += 1) {
      for (const [who, user] of Object.entries(users)) {
        const took = await client.said(attempt(user));
        // The first ones meet cold code.
        if (n >= 5) measured.get(who)?.push(took);
        for (const more of after) await client.said(more);
      }
    }
    client.close();
    for (const [who, figures] of measured) {
      rows.push({ measured: `${title}: ${name}`, unit: 'ms', server: who, value: spread(figures) });
    }
  }
  return rows;
}

/** A connection whose exchanges are timed. */
class Client {
  readonly #wire: Wire;
  #fail: (fault: Error) => void = () => {};

  private constructor(port: number) {
    this.#wire = new Wire(port, (fault) => this.#fail(fault));
  }

  static async open(port: number): Promise<Client> {
    const client = new Client(port);
    await client.said({ send: [], expect: [220] });
    await client.said(ask('EHLO client.example.org', 250));
    return client;
  }

  /** Milliseconds until the last reply; rejects when another came. */
  said(exchange: Exchange): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const began = performance.now();
      this.#wire.ask(exchange, () => resolve(performance.now() - began));
    });
  }

  close(): void {
    this.#wire.destroy();
  }
}
