import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cases } from './cases.ts';
import { bareSocket, coreAlone, field, withMiddlewares } from './field.ts';
import type { Row } from './figures.ts';
import { efforts } from './rounds.ts';
import { table } from './table.ts';

const usage = `Usage: bench [--quick] [--only <case>]… [--middlewares <count>] [--core] [--bare] [--json]
Cases: ${cases.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    middlewares: { type: 'string', default: '0' },
    core: { type: 'boolean', default: false },
    bare: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const unknown = values.only.filter((name) => cases.every((one) => one.name !== name));
if (values.help || unknown.length > 0) {
  console.error(unknown.length > 0 ? `No such case: ${unknown.join(', ')}\n${usage}` : usage);
  process.exit(values.help ? 0 : 2);
}

const effort = values.quick ? efforts.quick : efforts.full;
const middlewares = Number(values.middlewares);
const contestants = field([
  ...(middlewares > 0 ? [withMiddlewares(middlewares)] : []),
  ...(values.core ? [coreAlone] : []),
  ...(values.bare ? [bareSocket] : []),
]);
const rows: Row[] = [];
for (const one of cases) {
  if (values.only.length > 0 && !values.only.includes(one.name)) continue;
  if (process.stderr.isTTY) process.stderr.write(`${one.title} …\n`);
  rows.push(...(await one.measure(contestants, effort)));
}

const machine = `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'CPU'}`;
if (values.json) console.log(JSON.stringify({ machine, rows }, undefined, 2));
else console.log(`${machine}\n\n${table(rows)}`);
