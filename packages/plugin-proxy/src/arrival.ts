import { Clock, type Wire } from '@maitred/core';
import { describeFault, type HeaderFault } from './faults.ts';
import { parseHeader, type ProxyHeader } from './header.ts';

/** How long to wait for a header, and how much of one to read. */
export interface Patience {
  /** Milliseconds for its first octet. */
  readonly first: number;
  /** Milliseconds for all of it. */
  readonly whole: number;
  /** Octets of a version 2 header. */
  readonly maximum: number;
}

const reasons = {
  ended: 'the connection ended before one',
  silent: 'none came in time',
  other: 'what came first is none',
  cut: 'the connection ended in the middle of one',
  late: 'one was begun, but not finished in time',
} as const;

/** Why there is no header. */
export type Missing = keyof typeof reasons | HeaderFault;

/** Says why there is no header, in a text without anything of the sender's. */
export function describeMissing(missing: Missing): string {
  return missing in reasons ? reasons[missing as keyof typeof reasons] : describeFault(missing as HeaderFault);
}

/** Reads a header off a wire. What is none, and what is behind one, is put back for who reads next. */
export async function awaitHeader(wire: Wire, { first, whole, maximum }: Patience): Promise<ProxyHeader | Missing> {
  const clock = wire.inject(Clock);
  const since = clock.elapsed();
  const begun = await within(clock, first, (late) => gather(wire, 1, maximum, late));
  if (typeof begun === 'string') return begun === 'cut' ? 'ended' : 'silent';
  return within(clock, whole - (clock.elapsed() - since), (late) => complete(wire, begun, maximum, late));
}

async function complete(wire: Wire, begun: Buffer, maximum: number, late: AbortSignal): Promise<ProxyHeader | Missing> {
  for (let octets = begun; ;) {
    const reading = parseHeader(octets, maximum);
    if (reading === 'absent') {
      wire.unread(octets);
      return 'other';
    }
    if ('fault' in reading) return reading.fault;
    if ('header' in reading) {
      wire.unread(octets.subarray(reading.length));
      return reading.header;
    }
    const more = await gather(wire, reading.missing, maximum, late);
    if (typeof more === 'string') return more;
    octets = Buffer.concat([octets, more]);
  }
}

/** At least so many octets: copied together once, however they trickle in. */
async function gather(wire: Wire, least: number, maximum: number, late: AbortSignal): Promise<Buffer | 'late' | 'cut'> {
  const pieces: Buffer[] = [];
  for (let missing = least; missing > 0;) {
    const piece = await wire.read(maximum, late);
    if (piece.length === 0) return late.aborted ? 'late' : 'cut';
    pieces.push(piece);
    missing -= piece.length;
  }
  const [only, ...others] = pieces;
  return only && others.length === 0 ? only : Buffer.concat(pieces);
}

/** Does something that `late` ends after so many milliseconds. */
async function within<T>(clock: Clock, ms: number, work: (late: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(ms, done.signal).then(
    () => late.abort(),
    () => {},
  );
  try {
    return await work(late.signal);
  } finally {
    done.abort();
  }
}
