/** An error as Node's resolver has them: `code` is what callers decide by. */
export function failure(code: string, name: string, type: string): Error {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return Object.assign(new Error(`query${type} ${code} ${JSON.stringify(shown)}`), { code });
}
