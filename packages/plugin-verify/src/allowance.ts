/** What a client may ask. */
export interface AllowanceOptions {
  /** Inquiries of one client in `seconds`; over it: 450 4.7.1. Default: 20. */
  readonly inquiries?: number;
  /** Default: 60. */
  readonly seconds?: number;
  /** Clients remembered; when there are more, who came first is forgotten. Default: 10,000. */
  readonly clients?: number;
}

/** Counts inquiries by client, in windows of time; holds no more clients than it's told. */
export class Allowance {
  readonly #inquiries: number;
  readonly #window: number;
  readonly #clients: number;
  readonly #asked = new Map<string, { readonly since: number; count: number }>();

  /** Throws RangeError for a number that is not positive. */
  constructor({ inquiries = 20, seconds = 60, clients = 10_000 }: AllowanceOptions = {}) {
    for (const [name, value] of Object.entries({ inquiries, seconds, clients })) {
      if (!(value > 0)) throw new RangeError(`${name} has to be more than 0, not ${value}`);
    }
    this.#inquiries = inquiries;
    this.#window = seconds * 1000;
    this.#clients = clients;
  }

  /** Whether this client may ask once more at `now`, milliseconds since some moment; counts it if so. */
  take(client: string, now: number): boolean {
    let asked = this.#asked.get(client);
    if (!asked || now - asked.since >= this.#window) {
      this.#asked.delete(client);
      asked = { since: now, count: 0 };
      this.#asked.set(client, asked);
      this.#forget(now);
    }
    if (asked.count >= this.#inquiries) return false;
    asked.count += 1;
    return true;
  }

  /** Clients remembered. */
  get size(): number {
    return this.#asked.size;
  }

  /** In order of their windows' starts, so that what is over stands in front. */
  #forget(now: number): void {
    for (const [client, { since }] of this.#asked) {
      if (this.#asked.size <= this.#clients && now - since < this.#window) return;
      this.#asked.delete(client);
    }
  }
}
