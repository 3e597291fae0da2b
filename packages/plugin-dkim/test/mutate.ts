/** Numbers that look random, the same ones for the same seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Pick = (below: number) => number;
/** Changes a message: its octets, one per character. */
export type Mutation = (message: string, pick: Pick) => string;

/** In the header: `change` of its fields, folds and all. */
const header =
  (change: (fields: string[], pick: Pick) => string[]): Mutation =>
  (message, pick) => {
    const at = endOf(message);
    return `${change(message.slice(0, at).split(/\r\n(?![ \t])/), pick).join('\r\n')}${message.slice(at)}`;
  };

const body =
  (change: (body: string, pick: Pick) => string): Mutation =>
  (message, pick) => {
    const at = endOf(message) + 4;
    return message.slice(0, at) + change(message.slice(at), pick);
  };

const endOf = (message: string): number => message.indexOf('\r\n\r\n');

const one = (fields: string[], pick: Pick, change: (field: string) => string): string[] => {
  const at = pick(fields.length);
  return fields.map((field, index) => (index === at ? change(field) : field));
};

const signature = (change: (field: string, pick: Pick) => string): Mutation =>
  header((fields, pick) => fields.map((field) => (field.startsWith('DKIM-Signature:') ? change(field, pick) : field)));

const somewhere = (text: string, pick: Pick, change: (octet: string) => string): string => {
  if (text === '') return text;
  const at = pick(text.length);
  return text.slice(0, at) + change(text[at] ?? '') + text.slice(at + 1);
};

/** Everything that is tried. */
export const mutations: Readonly<Record<string, Mutation>> = {
  nothing: (message) => message,
  // ── header ──
  'an octet of a field': header((fields, pick) => one(fields, pick, (field) => somewhere(field, pick, () => 'x'))),
  'a field gone': header((fields, pick) => fields.filter((_, at) => at !== pick(fields.length) || fields.length < 2)),
  'a field twice': header((fields, pick) => fields.concat(fields[pick(fields.length)] ?? [])),
  'a field on top': header((fields, pick) => [
    ['X-Top: 1', 'From: eve@example.com', 'Subject: b'][pick(3)] ?? '',
    ...fields,
  ]),
  'two fields swapped': header((fields, pick) => {
    const [a, b] = [pick(fields.length), pick(fields.length)];
    return fields.map((field, at) => (at === a ? (fields[b] ?? field) : at === b ? (fields[a] ?? field) : field));
  }),
  'the case of a name': header((fields, pick) =>
    one(fields, pick, (field) => field.replace(/^[^:]+/, (name) => name.toUpperCase())),
  ),
  'space before a colon': header((fields, pick) => one(fields, pick, (field) => field.replace(':', ' :'))),
  'space at the end of a field': header((fields, pick) => one(fields, pick, (field) => `${field} \t`)),
  'a line that is no field': header((fields, pick) =>
    one(fields, pick, (field) => `${field}\r\n\xa0From: eve@example.com`),
  ),
  'UTF-8 in a field': header((fields, pick) => one(fields, pick, (field) => `${field} \xc3\xa9`)),
  // ── folding ──
  'a field folded': header((fields, pick) => one(fields, pick, (field) => field.replace(/ (?=\S+$)/, '\r\n '))),
  'a field unfolded': header((fields, pick) => one(fields, pick, (field) => field.replace(/\r\n[ \t]+/g, ' '))),
  'a field folded behind its colon': header((fields, pick) =>
    one(fields, pick, (field) => field.replace(/: ?/, ':\r\n\t')),
  ),
  'a name folded from its colon': header((fields, pick) => one(fields, pick, (field) => field.replace(':', '\r\n :'))),
  'a fold of nothing': header((fields, pick) => one(fields, pick, (field) => `${field}\r\n `)),
  'runs of white space': header((fields, pick) => one(fields, pick, (field) => field.replaceAll(' ', '  \t'))),
  // ── the signature ──
  'b= cut': signature((field) => field.slice(0, -4)),
  'b= folded anew': signature((field) => field.replace(/b=([^;]{10})/g, 'b=$1\r\n  ')),
  'an unknown tag': signature((field) => field.replace('v=1;', 'v=1; xyz=b=c;')),
  'a tag twice': signature((field) => field.replace('v=1;', 'v=1; v=1;')),
  'a tag gone': signature((field, pick) =>
    field.replace([/ v=1;/, / a=[^;]+;/, / c=[^;]+;/, /s=[^;]+;/][pick(4)] ?? '', ''),
  ),
  'a tag changed': signature((field, pick) =>
    field.replace(
      [/ v=1;/, / a=rsa-[^;]+;/, / c=[^;]+;/, / d=[^;]+;/][pick(4)] ?? '',
      [' v=2;', ' a=rsa-sha1;', ' c=simple;', ' d=EXAMPLE.org;', ' l=3;', ' t=1; x=2;', ' q=x;'][pick(7)] ?? '',
    ),
  ),
  'a tag in capitals': signature((field) => field.replace(' d=', ' D=')),
  'the signature twice': header((fields) => fields.flatMap((f) => (f.startsWith('DKIM-Signature:') ? [f, f] : [f]))),
  // ── body ──
  'an octet of the body': body((text, pick) => somewhere(text, pick, () => 'x')),
  'text behind the body': body((text) => `${text}more\r\n`),
  'empty lines behind the body': body((text, pick) => text + '\r\n'.repeat(1 + pick(600))),
  'space in the body': body((text) => text.replaceAll(' ', ' \t ')),
  'space at the ends of lines': body((text) => text.replaceAll('\r\n', ' \r\n')),
  'no body': body(() => ''),
  'a long line': body((text) => `${text}${'long '.repeat(300)}\r\n`),
  'NULs and high octets': body((text) => `${text}\0\xff\xfe\r\n`),
  // ── line ends ──
  'no last line end': body((text) => text.replace(/(\r\n)+$/, '')),
  'LF alone': (message) => message.replaceAll('\r\n', '\n'),
  'LF alone, once': (message, pick) => onceOf(message, '\r\n', '\n', pick),
  'CR alone, once': (message, pick) => onceOf(message, '\r\n', '\r', pick),
  'CR twice, once': (message, pick) => onceOf(message, '\r\n', '\r\r\n', pick),
  'no empty line': (message) => message.replace('\r\n\r\n', '\r\n'),
};

function onceOf(text: string, from: string, to: string, pick: Pick): string {
  const parts = text.split(from);
  const at = 1 + pick(Math.max(1, parts.length - 1));
  return parts.slice(0, at).join(from) + to + parts.slice(at).join(from);
}
