import { randomFillSync } from 'node:crypto';

const random = Buffer.alloc(4000);
let drawn = random.length;

/** 80 random bits in hexadecimal; drawn many at a time, and no part of a longer string. */
export function freshId(): string {
  if (drawn === random.length) {
    randomFillSync(random);
    drawn = 0;
  }
  return random.toString('hex', drawn, (drawn += 10));
}
