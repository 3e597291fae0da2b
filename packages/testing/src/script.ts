import type { Client } from './client.ts';
import type { ReceivedReply } from './reply.ts';

/**
 * Runs a written conversation and throws, showing all of it, where the server differs.
 *
 * - `C: text` is sent with CRLF; lines that follow each other go out in one write.
 * - `S: 250` expects a reply of that code, whatever it says.
 * - `S: 250 text` expects one line of exactly that text.
 * - `S: 250 /text/i` expects a match in the reply's text, whose lines are joined by `\n`.
 * - `S: 250-text` expects a first or further line, literally or as a regular expression. What follows the last such line,
 *   if no `S: 250 text` does, may be anything.
 *
 * Blank lines don't count. What is behind a difference is shown, but not run: nothing of it is sent. The greeting is a
 * reply like others: expect it, or have read it before.
 */
export async function script(client: Client, text: string): Promise<void> {
  const steps = parse(text);
  const shown: string[] = [];
  for (const [at, step] of steps.entries()) {
    if (step.who === 'C') {
      client.send(step.lines.map((line) => `${line}\r\n`).join(''));
      shown.push(...step.lines.map((line) => `  C: ${line}`));
      continue;
    }
    const failed = (what: readonly string[]): Error => {
      const rest = steps
        .slice(at + 1)
        .flatMap(({ who, lines }) => lines.map((line) => `  ${who}: ${line}   <- not run`));
      const wanted = step.lines.map((line) => `> S: ${line}   <- expected`);
      return new Error(['the conversation differs:', ...shown, ...what, ...wanted, ...rest].join('\n'));
    };
    const reply = await client.reply().catch((error: Error) => {
      throw failed([`> ${error.message}`]);
    });
    const came = reply.raw.trimEnd().split('\r\n');
    if (!fits(step.lines, reply)) throw failed(came.map((line) => `> S: ${line}   <- came`));
    shown.push(...came.map((line) => `  S: ${line}`));
  }
}

/** What is sent in one write, or the lines that describe one reply. */
interface Step {
  readonly who: 'C' | 'S';
  readonly lines: string[];
}

function parse(text: string): Step[] {
  const steps: Step[] = [];
  for (const line of text.split(/\r?\n/).filter((line) => line.trim() !== '')) {
    const [, who, said = ''] = /^\s*([CS]):(?: (.*))?$/.exec(line) ?? [];
    if (who !== 'C' && who !== 'S') throw new SyntaxError(`neither C: nor S: ${line}`);
    if (who === 'S' && !expectation.test(said)) throw new SyntaxError(`expects no reply: ${line}`);
    const last = steps.at(-1);
    const goesOn = who === 'C' || isContinued(last?.lines.at(-1), said);
    if (last?.who === who && goesOn) last.lines.push(said);
    else steps.push({ who, lines: [said] });
  }
  return steps;
}

const expectation = /^(\d{3})(?:([ -])(.*))?$/;

/** A line with a hyphen goes on in the next one if that has its code. */
function isContinued(line: string | undefined, next: string): boolean {
  return line?.[3] === '-' && line.slice(0, 3) === next.slice(0, 3);
}

function fits(wanted: readonly string[], { code, lines, text }: ReceivedReply): boolean {
  const expected = wanted.map((line) => expectation.exec(line) ?? []);
  if (expected.some(([, digits]) => Number(digits) !== code)) return false;
  const [[, , mark, pattern = ''] = []] = expected;
  if (expected.length === 1 && mark !== '-') {
    return pattern === '' || (regular(pattern)?.test(text) ?? (lines.length === 1 && text === pattern));
  }
  const open = expected.at(-1)?.[2] === '-';
  if (open ? lines.length < expected.length : lines.length !== expected.length) return false;
  return expected.every(([, , , wanted = ''], at) => {
    const line = lines[at] ?? '';
    return wanted === '' || (regular(wanted)?.test(line) ?? wanted === line);
  });
}

function regular(pattern: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/.exec(pattern) ?? [];
  return source === undefined ? undefined : new RegExp(source, flags);
}
