/**
 * An error as Node's resolver has them: `code` is what callers decide by. Without a stack, which would begin here for all
 * of them: most messages meet a few, and to take one down costs more than the answer.
 */
export function failure(code: string, name: string, type: string): Error {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return Object.assign(new Error(`query${type} ${code} ${JSON.stringify(shown)}`), { code });
  } finally {
    Error.stackTraceLimit = depth;
  }
}
