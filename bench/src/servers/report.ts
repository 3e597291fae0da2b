/** What a server's process has used up. */
export interface Usage {
  /** User and system time of the process, in microseconds. */
  readonly cpu: number;
  /** Resident octets. */
  readonly resident: number;
  /** The most resident octets since the last `watch`. */
  readonly peak: number;
  /** Milliseconds of the longest turn of the event loop since the last `watch`, to about two. */
  readonly blocked: number;
}

/**
 * What a server can be asked for: its usage; its usage once garbage is collected and freed pages are given back; or, from
 * here on, the peak.
 */
export type Question = 'usage' | 'settle' | 'watch';

/** Answers the measuring process from inside a server's process; ends with it, once `close` is through. */
export function report(port: number, close: () => Promise<void> = async () => {}): void {
  let peak = 0;
  let highest = Number.POSITIVE_INFINITY;
  let sampling: NodeJS.Timeout | undefined;
  let blocked = 0;
  let sampled = performance.now();
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const tick = (): void => {
    const now = performance.now();
    blocked = Math.max(blocked, now - sampled - every);
    sample();
    sampled = performance.now();
  };
  const usage = (): Usage => {
    sample();
    const { user, system } = process.cpuUsage();
    // The system keeps the highest value ever: exact, if it was reached while we watched.
    const ever = process.resourceUsage().maxRSS * 1024;
    return { cpu: user + system, resident: process.memoryUsage.rss(), peak: ever > highest ? ever : peak, blocked };
  };
  process.on('message', (question: Question) => {
    if (question === 'settle') return void settle().then(() => process.send?.(usage()));
    if (question === 'watch') {
      clearInterval(sampling);
      sampling = setInterval(tick, every).unref();
      sampled = performance.now();
      blocked = 0;
      peak = 0;
      highest = process.resourceUsage().maxRSS * 1024;
    }
    process.send?.(usage());
    return undefined;
  });
  process.on('disconnect', () => void close().finally(() => process.exit(0)));
  process.send?.({ port });
}

/** Milliseconds between two looks. */
const every = 2;

async function settle(): Promise<void> {
  for (let n = 0; n < 4; n += 1) {
    // The last resort also takes back what the young generation grew to while connections were opened.
    await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
