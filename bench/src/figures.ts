/** One measured thing, over the rounds in which it was measured. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** A line of the table: one server, one thing measured, next to the peer in the same rounds. */
export interface Row {
  readonly measured: string;
  readonly unit: string;
  readonly server: string;
  readonly value: Spread;
  /** The server it is compared with. */
  readonly peer?: string;
  readonly peerValue?: Spread;
  /** This server's figure by the peer's, round by round. */
  readonly ratio?: Spread;
  /** What it should come to. */
  readonly target?: string;
}

/** The figures of a server, one per round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/** Median, least and most of some figures; they can't be none. */
export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, least: at(0), most: at(sorted.length - 1) };
}

/** Rows of everybody but the peer, next to the peer. */
export function rows(
  { measured, unit, target }: Pick<Row, 'measured' | 'unit' | 'target'>,
  rounds: Rounds,
  peer: string,
  ours: string,
): Row[] {
  const theirs = rounds.get(peer);
  return [...rounds]
    .filter(([server]) => server !== peer)
    .map(([server, figures]) => ({
      measured,
      unit,
      server,
      value: spread(figures),
      ...(theirs && {
        peer,
        peerValue: spread(theirs),
        ratio: spread(figures.map((figure, round) => figure / (theirs[round] ?? Number.NaN))),
      }),
      ...(target !== undefined && server === ours && { target }),
    }));
}
