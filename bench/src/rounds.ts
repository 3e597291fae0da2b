import type { Contestant } from './subject.ts';

/** How long and how often things are measured. */
export interface Effort {
  /** Rounds; the contestants take turns within each. */
  readonly rounds: number;
  /** Milliseconds of load in a round. */
  readonly milliseconds: number;
  /** Milliseconds of load before the first round that counts. */
  readonly warmUp: number;
}

/** A measurement worth publishing, and one to look at while building. */
export const efforts = {
  full: { rounds: 7, milliseconds: 1000, warmUp: 5000 },
  quick: { rounds: 3, milliseconds: 300, warmUp: 600 },
} as const satisfies Record<string, Effort>;

/**
 * Measures each contestant once a round, in turn: ABAB, so that what the machine does meanwhile falls on all of them.
 * Gives the figures under `name of the contestant`.
 */
export async function alternate<T>(
  contestants: readonly Contestant[],
  rounds: number,
  measure: (contestant: Contestant) => Promise<T>,
): Promise<Map<string, T[]>> {
  const measured = new Map<string, T[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of contestants) measured.get(contestant.name)?.push(await measure(contestant));
  }
  return measured;
}
