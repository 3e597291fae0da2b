import type { Row, Spread } from './figures.ts';

const headings = ['measured', 'unit', 'server', 'figure (min–max)', 'peer (min–max)', 'ratio (min–max)', 'target'];

/** The rows as a table for people: a figure is a median, a ratio that of figures of one round. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.measured,
    row.unit,
    row.server,
    shown(row.value, number),
    row.peerValue ? shown(row.peerValue, number) : '',
    row.ratio ? shown(row.ratio, (ratio) => ratio.toFixed(2)) : '',
    row.target ?? '',
  ]);
  const all = [headings, ...cells];
  const widths = headings.map((_, column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(headings), rule, ...cells.map(line)].join('\n');
}

function shown({ median, least, most }: Spread, format: (figure: number) => string): string {
  return `${format(median)} (${format(least)}–${format(most)})`;
}

/** Three significant digits, and no exponent. */
function number(figure: number): string {
  const digits = Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : 2;
  return figure.toFixed(digits);
}
