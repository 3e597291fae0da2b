import { inspect } from 'node:util';

/** Why it did not start, for people: the error, each of its causes on a line, and what to do where we know. */
export function whyNot(error: unknown): string {
  const lines: string[] = [];
  let one = error;
  for (; one instanceof Error; one = one.cause) {
    // Some quote their cause.
    if (!lines.at(-1)?.includes(one.message)) lines.push(one.message);
  }
  if (one !== undefined) lines.push(inspect(one));
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    lines.push('take another: --port NUMBER or MAITRED_PORT; for TLS --tls-port NUMBER or MAITRED_TLS_PORT');
  }
  return lines.join('\n  ');
}
