/** The answers of each type, shaped as Node's resolver shapes them. */
export interface DnsAnswers {
  readonly A: string[];
  readonly AAAA: string[];
  readonly CNAME: string[];
  readonly PTR: string[];
  readonly TXT: string[][];
  readonly MX: { exchange: string; priority: number }[];
}

/**
 * What goes wrong with a question: `timeout` (ETIMEOUT), `servfail` (ESERVFAIL), `refused` (EREFUSED) and `garbage`
 * (EBADRESP) reject at once; `never` is not answered until the signal aborts.
 */
export type DnsTrouble = 'timeout' | 'servfail' | 'refused' | 'garbage' | 'never';

/** A name's records; any type may be in trouble by itself. */
export interface ZoneRecords {
  readonly A?: readonly string[] | DnsTrouble;
  readonly AAAA?: readonly string[] | DnsTrouble;
  /** Followed for every other type. */
  readonly CNAME?: readonly string[] | DnsTrouble;
  readonly PTR?: readonly string[] | DnsTrouble;
  /** Each record as one string, or as the strings it is made of. */
  readonly TXT?: readonly (string | readonly string[])[] | DnsTrouble;
  readonly MX?: readonly { readonly exchange: string; readonly priority: number }[] | DnsTrouble;
}

/** Names, with or without a final dot, in any case. What isn't here doesn't exist, unless a name below it does. */
export type Zone = Readonly<Record<string, ZoneRecords | DnsTrouble>>;

/** A question as it was asked. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: keyof DnsAnswers;
}

/** A DNS of the test's own. Use it with `server.override(Dns, fakeDns(zone))`. */
export interface FakeDns {
  /** Asks; errors by `code`, as Node's. Every answer is the caller's own. */
  readonly resolve: <T extends keyof DnsAnswers>(name: string, type: T) => Promise<DnsAnswers[T]>;
  /** The same while `signal` has not aborted: then what is pending rejects with ECANCELLED. One function per signal. */
  within(signal: AbortSignal): FakeDns['resolve'];
  /** All questions so far, in order, also those that went wrong. */
  readonly questions: readonly DnsQuestion[];
  /** Questions that have no answer yet. */
  readonly pending: number;
  /** Puts another entry in a name's place; undefined removes it. */
  set(name: string, entry: ZoneRecords | DnsTrouble | undefined): void;
}

/** Makes a DNS that knows `zone` and nothing else. */
export function fakeDns(zone: Zone = {}): FakeDns {
  const names = new Map(Object.entries(zone).map(([name, entry]) => [canonical(name), entry]));
  const questions: DnsQuestion[] = [];
  const resolvers = new WeakMap<AbortSignal, FakeDns['resolve']>();
  let pending = 0;

  const ask = async <T extends keyof DnsAnswers>(
    name: string,
    type: T,
    signal?: AbortSignal,
  ): Promise<DnsAnswers[T]> => {
    questions.push({ name, type });
    pending += 1;
    try {
      if (signal?.aborted) throw failure('ECANCELLED', name, type);
      const found = find(names, name, type);
      if (found !== 'never') return found;
      return await new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(failure('ECANCELLED', name, type)), { once: true });
      });
    } finally {
      pending -= 1;
    }
  };

  return {
    resolve: (name, type) => ask(name, type),
    within(signal) {
      const resolve = resolvers.get(signal) ?? ((name, type) => ask(name, type, signal));
      resolvers.set(signal, resolve);
      return resolve;
    },
    questions,
    get pending() {
      return pending;
    },
    set(name, entry) {
      if (entry === undefined) names.delete(canonical(name));
      else names.set(canonical(name), entry);
    },
  };
}

/** More of them are a loop: a resolver gives up. */
const longestAliasChain = 8;

const codes = { timeout: 'ETIMEOUT', servfail: 'ESERVFAIL', refused: 'EREFUSED', garbage: 'EBADRESP' } as const;

function find<T extends keyof DnsAnswers>(
  names: ReadonlyMap<string, ZoneRecords | DnsTrouble>,
  asked: string,
  type: T,
): DnsAnswers[T] | 'never' {
  let name = canonical(asked);
  for (let alias = 0; alias <= longestAliasChain; alias++) {
    if (!askable(name)) throw failure('EBADNAME', asked, type);
    const entry = names.get(name);
    if (entry === undefined) {
      const below = [...names.keys()].some((other) => other.endsWith(`.${name}`));
      throw failure(below ? 'ENODATA' : 'ENOTFOUND', asked, type);
    }
    const records = typeof entry === 'string' ? entry : recordsOf(entry, type);
    if (records === 'never') return records;
    if (typeof records === 'string') throw failure(codes[records], asked, type);
    const alias = typeof entry === 'string' ? undefined : entry.CNAME;
    if (records === undefined && Array.isArray(alias) && alias[0] !== undefined) name = canonical(alias[0] as string);
    else if (records === undefined || records.length === 0) throw failure('ENODATA', asked, type);
    else return copied(type, records);
  }
  throw failure('ESERVFAIL', asked, type);
}

const recordsOf = (entry: ZoneRecords, type: keyof DnsAnswers): readonly unknown[] | DnsTrouble | undefined => {
  const records = entry[type];
  return records === undefined && typeof entry.CNAME === 'string' ? entry.CNAME : records;
};

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** RFC 1035 2.3.4. */
const askable = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63);

function copied<T extends keyof DnsAnswers>(type: T, records: readonly unknown[]): DnsAnswers[T] {
  const whole = type === 'TXT' ? records.map((record) => (typeof record === 'string' ? [record] : record)) : records;
  return structuredClone(whole) as DnsAnswers[T];
}

function failure(code: string, name: string, type: string): Error {
  return Object.assign(new Error(`query${type} ${code} ${name}`), { code, hostname: name });
}
