import { Buffer } from 'node:buffer';

const END = '\r\n\r\n';
const EMPTY = '\r\n';

/**
 * Gathers a header section from content as it comes, up to a limit, and finds its end, the first empty line (RFC 5322
 * 2.1). Each octet is copied once, so that no chunk is held; and looked at once, however small the chunks are.
 */
export class HeaderGatherer {
  /** Octets that are held. */
  readonly limit: number;
  #octets: Buffer = Buffer.allocUnsafe(4096);
  #length = 0;
  #complete = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The empty line was read. */
  get complete(): boolean {
    return this.#complete;
  }

  /** There are more octets than may be, and no empty line among those that may. */
  get tooLong(): boolean {
    return !this.#complete && this.#length > this.limit;
  }

  /** What was gathered: the section with its empty line, once that was read. */
  get section(): Buffer {
    return this.#octets.subarray(0, this.#length);
  }

  /** Takes of a chunk what belongs to the section, or shows that it is too long; gives how many octets that were. */
  take(chunk: Buffer): number {
    const before = this.#length;
    const taken = Math.min(chunk.length, this.limit + 1 - before);
    if (this.#complete || taken <= 0) return 0;
    this.#reserve(before + taken);
    chunk.copy(this.#octets, before, 0, taken);
    this.#length += taken;
    const end = this.#findEnd(Math.max(0, before - END.length + 1));
    if (end === undefined || end > this.limit) return taken;
    this.#complete = true;
    this.#length = end;
    return end - before;
  }

  #findEnd(from: number): number | undefined {
    const section = this.section;
    // A message may begin with its body.
    if (from === 0 && section.length >= EMPTY.length && section.toString('latin1', 0, EMPTY.length) === EMPTY) {
      return EMPTY.length;
    }
    const at = section.indexOf(END, from, 'latin1');
    return at === -1 ? undefined : at + END.length;
  }

  #reserve(length: number): void {
    if (length <= this.#octets.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length, Math.min(2 * this.#octets.length, this.limit + 1)));
    this.section.copy(larger);
    this.#octets = larger;
  }
}
