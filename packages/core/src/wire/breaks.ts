import { Buffer } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** `breaks.wat`, assembled: looks at 16 octets at a time. */
export const ASSEMBLED: string =
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAIHEQIGbWVtb3J5AgAEcGFzcwAACo8BAYwBAgF7A38CQANAIABBEGogAUsNASAA/QAEACECIAJBDf0P/SP9' +
  'ZCEDIAJBCv0P/SP9ZCEEIAMgBHIgBXIEQCAEIANBAXQgBUEBcXJB//8DcUcNAiACQS79D/0j/WQgBEEBdCAFQQF2cnENAiADQQ92IARBD3ZBAXRyIQUL' +
  'IABBEGohAAwACwsgACAFaws=';

interface Machine {
  readonly memory: Uint8Array;
  /** The first index in `[at, end)` of the memory that is not known to be passed over. */
  readonly pass: (at: number, end: number) => number;
}

/** Node has it; the types that come with Node don't. */
declare const WebAssembly: {
  readonly Module: new (octets: Buffer) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** Below this many octets a copy costs more than it saves. */
const WORTH_A_COPY = 96;
/** Octets that are looked at one by one behind a stop: a block, and the CRLF in front of it. */
const CLOSER = 18;

/** Where the platform has no such instructions everything is looked at octet by octet. */
const machine: Machine | undefined = assembled();
/** The octets, or some of them, that the memory holds. */
let held: Buffer | undefined;

/**
 * Finds what has to be looked at in a run of content: a CR or LF, whichever comes first, but for whole lines. A CRLF is
 * passed over unless a dot, or nothing yet, stands right behind it: most bodies are passed over whole, which is what makes
 * a large message cheap, and a body of empty lines, which a stranger can send, no dearer than any.
 *
 * Other runs may be looked at in between.
 */
export class Breaks {
  readonly #octets: Buffer;
  /** What of the octets lies at the start of the memory, from `#from` up to `#to`. */
  #from = 0;
  #to = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  /** The first index at or behind `from` that has to be looked at; the length when there is none. Linear. */
  next(from: number): number {
    const octets = this.#octets;
    const end = octets.length;
    let at = from;
    while (at < end) {
      if (machine && end - at >= WORTH_A_COPY) at = this.#pass(machine, at);
      const stop = machine ? Math.min(at + CLOSER, end) : end;
      while (at < stop) {
        const octet = octets[at];
        if (octet === LF) return at;
        if (octet !== CR) at += 1;
        else if (octets[at + 1] !== LF || at + 2 >= end || octets[at + 2] === DOT) return at;
        else at += 2;
      }
    }
    return end;
  }

  #pass({ memory, pass }: Machine, at: number): number {
    if (held !== this.#octets || at < this.#from || at + CLOSER > this.#to) {
      held = this.#octets;
      this.#from = at;
      this.#to = Math.min(at + memory.length, this.#octets.length);
      memory.set(at === 0 && this.#to === this.#octets.length ? this.#octets : this.#octets.subarray(at, this.#to));
    }
    return this.#from + pass(at - this.#from, this.#to - this.#from);
  }
}

function assembled(): Machine | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(ASSEMBLED, 'base64')));
    const { memory, pass } = exports as { memory: { buffer: ArrayBuffer }; pass: Machine['pass'] };
    return { memory: new Uint8Array(memory.buffer), pass };
  } catch {
    return undefined;
  }
}
