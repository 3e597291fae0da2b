import type { Script } from './script.ts';
import { BadAnswer, Wire } from './wire.ts';

/** What to send, how often and over how many connections. */
export interface Plan {
  readonly port: number;
  readonly script: Script;
  /** Connections at once. */
  readonly connections: number;
  /** Messages before a connection is ended and another opened. Default: as many as there are. */
  readonly perConnection?: number;
  /** No message is begun after so many; default: no end. */
  readonly messages?: number;
  /** No message is begun after so many milliseconds; default: no end. One of both ends is needed. */
  readonly milliseconds?: number;
  /** How long all connections may stand still, in milliseconds. Default: 20,000. */
  readonly patience?: number;
}

/** What came of it: every message was answered as it had to be. */
export interface Load {
  readonly messages: number;
  readonly milliseconds: number;
}

/**
 * Delivers messages. Rejects with a `BadAnswer` at the first wrong, missing or unasked reply: there is no figure for a
 * run with an error.
 */
export async function load(plan: Plan): Promise<Load> {
  const run = new Run(plan);
  const began = performance.now();
  try {
    await run.done;
  } finally {
    run.end();
  }
  return { messages: run.delivered, milliseconds: performance.now() - began };
}

class Run {
  readonly done: Promise<void>;
  delivered = 0;
  readonly #plan: Plan;
  readonly #until: number;
  readonly #wires = new Set<Wire>();
  readonly #watch: NodeJS.Timeout;
  #begun = 0;
  #working = 0;
  #seen = -1;
  #resolve: () => void = () => {};
  #reject: (fault: Error) => void = () => {};

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#until = performance.now() + (plan.milliseconds ?? Number.POSITIVE_INFINITY);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#watch = setInterval(() => this.#look(), plan.patience ?? 20_000);
    for (let n = 0; n < plan.connections; n += 1) this.#open();
    if (this.#working === 0) this.#resolve();
  }

  /** Leaves nothing open. */
  end(): void {
    clearInterval(this.#watch);
    for (const wire of this.#wires) wire.destroy();
  }

  #open(): void {
    if (!this.#more()) return;
    const { greeting, hello } = this.#plan.script;
    const wire = new Wire(this.#plan.port, (fault) => this.#reject(fault));
    this.#wires.add(wire);
    this.#working += 1;
    wire.ask(greeting, () => wire.ask(hello, () => this.#message(wire, this.#plan.perConnection ?? Infinity)));
  }

  #more(): boolean {
    return this.#begun < (this.#plan.messages ?? Infinity) && performance.now() < this.#until;
  }

  #message(wire: Wire, left: number): void {
    if (left === 0 || !this.#more()) {
      wire.ask(this.#plan.script.quit, () => wire.closed(() => this.#close(wire)));
      return;
    }
    this.#begun += 1;
    this.#step(wire, 0, left);
  }

  #step(wire: Wire, at: number, left: number): void {
    const exchange = this.#plan.script.message[at];
    if (exchange) {
      wire.ask(exchange, () => this.#step(wire, at + 1, left));
      return;
    }
    this.delivered += 1;
    this.#message(wire, left - 1);
  }

  #close(wire: Wire): void {
    this.#wires.delete(wire);
    this.#working -= 1;
    this.#open();
    if (this.#working === 0) this.#resolve();
  }

  #look(): void {
    // Of connections that were ended and opened again each counts from none: what matters is that something moved.
    const moved = this.#begun + [...this.#wires].reduce((sum, wire) => sum + wire.replies, 0);
    if (moved === this.#seen) this.#reject(new BadAnswer('no reply came'));
    this.#seen = moved;
  }
}
