const LF = 0x0a;
const HYPHEN = 0x2d;

/** Finds the codes of whole replies in what a server sends, however it is cut; looks at four octets of each line. */
export class ReplyReader {
  readonly #onReply: (code: number) => void;
  #column = 0;
  #code = 0;
  #last = true;

  /** `onReply`: told each reply's code once its last line is whole; NaN where a line doesn't begin with one. */
  constructor(onReply: (code: number) => void) {
    this.#onReply = onReply;
  }

  /** Reads `octets[0, length)`; keeps nothing of it. */
  read(octets: Uint8Array, length: number): void {
    for (let at = 0; at < length;) {
      if (this.#column < 4 && octets[at] !== LF) {
        const octet = octets[at] as number;
        if (this.#column < 3) this.#code = octet >= 0x30 && octet <= 0x39 ? this.#code * 10 + octet - 0x30 : Number.NaN;
        else this.#last = octet !== HYPHEN;
        this.#column += 1;
        at += 1;
        continue;
      }
      const end = octets.indexOf(LF, at);
      if (end === -1 || end >= length) return;
      const code = this.#column < 4 ? Number.NaN : this.#code;
      this.#column = this.#code = 0;
      at = end + 1;
      if (this.#last || Number.isNaN(code)) this.#onReply(code);
    }
  }
}
