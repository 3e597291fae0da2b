import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Messages this process has named, whatever the sink. */
let count = 0;

/**
 * A name that no other message in the world has, by the Maildir convention: seconds, then microseconds (M), process (P),
 * count (Q) and random octets (R), then the host. Random, because in containers processes and hosts are often namesakes.
 * `now`: milliseconds since 1970.
 */
export function uniqueName(now: number, host: string = hostname()): string {
  const seconds = Math.floor(now / 1000);
  // A clock of milliseconds; within one, those of the machine.
  const micros = Math.floor((now % 1000) * 1000 + ((performance.now() * 1000) % 1000));
  count += 1;
  const unique = `M${micros}P${process.pid}Q${count}R${randomBytes(8).toString('hex')}`;
  return `${seconds}.${unique}.${escaped(host)}`;
}

/** A slash or a colon in a host's name as octal, as the convention has it, and with them whatever is no host name. */
function escaped(host: string): string {
  return host
    .slice(0, 100)
    .replace(/[^A-Za-z0-9._-]/g, (char) =>
      [...Buffer.from(char)].map((octet) => `\\${octet.toString(8).padStart(3, '0')}`).join(''),
    );
}
