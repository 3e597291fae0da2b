import { Duplex } from 'node:stream';

/** How octets are sent: each piece is a write of its own, a turn of the event loop after the one before. */
export type Cut = (octets: Buffer) => readonly Buffer[];

/** Pieces of so many octets. */
export const pieces =
  (size: number): Cut =>
  (octets) =>
    Array.from({ length: Math.ceil(octets.length / size) }, (_, at) => octets.subarray(at * size, (at + 1) * size));

/** A stream that sends a header with what is first written to it, in one go, and all of it cut as it's told. */
export function headed(wire: Duplex, header: Buffer, cut: Cut): Duplex {
  let before = header;
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => {},
    write(octets: Buffer, _encoding, done) {
      const all = [...cut(Buffer.concat([before, octets]))];
      before = Buffer.alloc(0);
      const next = (): void => {
        const piece = all.shift();
        if (piece === undefined) return done();
        wire.write(piece);
        setImmediate(next);
      };
      next();
    },
    final(done) {
      wire.end();
      done();
    },
  });
  wire.on('data', (octets: Buffer) => stream.push(octets));
  wire.on('end', () => stream.push(null));
  wire.on('close', () => stream.destroy());
  return stream;
}
