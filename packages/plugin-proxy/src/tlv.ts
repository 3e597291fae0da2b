/** A type, and the value that came with it. */
export interface Tlv {
  /** 0 to 255. */
  readonly type: number;
  readonly value: Buffer;
}

/** Fields that may come once: their type, and how to read their value; undefined says that it is out of its range. */
export type Fields = Readonly<Record<string, readonly [type: number, read: (value: Buffer) => unknown]>>;

/** What was read of fields; undefined for those that did not come. */
export type Read<F extends Fields> = {
  readonly [Name in keyof F]: Exclude<ReturnType<F[Name][1]>, undefined> | undefined;
};

/** The fields of which not every value is in range. */
export type Refusable<F extends Fields> = {
  readonly [Name in keyof F & string]: undefined extends ReturnType<F[Name][1]> ? Name : never;
}[keyof F & string];

/** Reads type, length and value, again and again to the end; undefined when one is cut off. The values are views. */
export function readTlvs(octets: Buffer): Tlv[] | undefined {
  const found: Tlv[] = [];
  for (let at = 0; at < octets.length;) {
    if (at + 3 > octets.length) return undefined;
    const end = at + 3 + octets.readUInt16BE(at + 1);
    if (end > octets.length) return undefined;
    found.push({ type: octets.readUInt8(at), value: octets.subarray(at + 3, end) });
    at = end;
  }
  return found;
}

/** The fields among these, and copies of all others; or the name of the field that is out of its range, or `tlv-twice`. */
export function readFields<F extends Fields>(
  tlvs: readonly Tlv[],
  fields: F,
): { readonly known: Read<F>; readonly others: readonly Tlv[] } | Refusable<F> | 'tlv-twice' {
  const known: Record<string, unknown> = {};
  const left = new Set(tlvs);
  for (const [name, [type, read]] of Object.entries(fields)) {
    const [found, ...more] = tlvs.filter((tlv) => tlv.type === type);
    if (more.length > 0) return 'tlv-twice';
    known[name] = found && read(found.value);
    if (found && known[name] === undefined) return name as Refusable<F>;
    if (found) left.delete(found);
  }
  return { known: known as Read<F>, others: [...left].map(({ type, value }) => ({ type, value: copied(value) })) };
}

/** Octets of their own: a view of a few keeps the whole chunk they came in, for as long as the connection lives. */
export function copied(octets: Buffer): Buffer {
  return Buffer.from(octets);
}
