import { bareSocket, maitred, smtpServer } from './field.ts';
import { rows } from './figures.ts';
import type { Row } from './figures.ts';
import { alternate } from './rounds.ts';
import type { Script } from './script.ts';
import { script } from './script.ts';
import { Subject } from './subject.ts';
import { Wire } from './wire.ts';

/** Connections under way at once while the many are opened: fewer than a listener's backlog. */
const atOnce = 100;
const wanted = 5000;

/** Octets of resident memory per connection that was greeted, said EHLO and then nothing; in a fresh process each time. */
export async function idleMemory(title: string, rounds: number): Promise<Row[]> {
  const count = 5 * Math.floor(Math.min(wanted, openFiles() - 200) / 5);
  const said = script({ content: [] });
  const measured = await alternate([maitred, smtpServer, bareSocket], rounds, async (contestant) => {
    await using subject = await Subject.start(contestant);
    // What the first connections need once: code, tables, the heap's first growth and what it leaves unused.
    const first = await hold(subject.port, count / 5, said);
    const before = await subject.ask('settle');
    const more = await hold(subject.port, count - first.length, said);
    const after = await subject.ask('settle');
    release([...first, ...more]);
    return (after.resident - before.resident) / more.length / 1024;
  });
  const target = '≤ 0.50 ×';
  return rows(
    { measured: `${title} (${count})`, unit: 'KiB/connection', target },
    measured,
    smtpServer.name,
    maitred.name,
  );
}

/** Opens connections and keeps them, greeted and idle. */
async function hold(port: number, count: number, { greeting, hello }: Script): Promise<Wire[]> {
  const wires: Wire[] = [];
  await new Promise<void>((resolve, reject) => {
    let idle = 0;
    const open = (): void => {
      if (wires.length === count) return;
      const wire = new Wire(port, reject);
      wires.push(wire);
      wire.ask(greeting, () =>
        wire.ask(hello, () => {
          idle += 1;
          if (idle === count) resolve();
          else open();
        }),
      );
    };
    for (let n = 0; n < atOnce; n += 1) open();
  });
  return wires;
}

function release(wires: readonly Wire[]): void {
  for (const wire of wires) wire.destroy();
}

/** How many files this process may open; Node has raised it to the hard limit when it started. */
function openFiles(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}
