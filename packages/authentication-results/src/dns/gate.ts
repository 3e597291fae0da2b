/** So many at once; the others stand in line. */
export class Gate {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** True once there is a place, which is the caller's until `signal` aborts; false when it aborts before. */
  hold(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const giveUp = (): void => {
        this.#line.delete(enter);
        resolve(false);
      };
      const enter = (): void => {
        this.#line.delete(enter);
        signal.removeEventListener('abort', giveUp);
        // Before the promise settles: a signal that aborts in between must not keep the place for ever.
        signal.addEventListener('abort', () => this.#leave(), { once: true });
        resolve(true);
      };
      if (this.#free > 0) {
        this.#free -= 1;
        return enter();
      }
      this.#line.add(enter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #leave(): void {
    const [next] = this.#line;
    if (next) next();
    else this.#free += 1;
  }
}
