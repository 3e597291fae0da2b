const redacted = '[redacted]';
/** Between the fields of a SASL message: PLAIN's, of which a password may hold a comma, and SCRAM's; and between words. */
const separators = [/[\0\x01]+/, /[\0\x01,]+/, /[\0-\x20,]+/];
/** Shorter than that it's no secret, and to cut it out would leave nothing to read. */
const shortest = 3;

/**
 * An error that can be logged: its name, code, message and stack, without anything in them that the client sent (`heard`),
 * be it as it is, in base64 or in percent-encoding, whole or a part. What else the error held (a request, a cause) may hold
 * the same, and is left out.
 */
export function scrubbed(error: unknown, heard: readonly Buffer[]): Error {
  const { name, code, message, stack } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const secrets = secretsOf(heard);
  const clean = (text: unknown): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), String(text));
  const safe = new Error(clean(error instanceof Error ? message : error));
  safe.name = clean(name ?? 'Error');
  safe.stack = clean(stack ?? safe.stack);
  return code === undefined ? safe : Object.assign(safe, { code: clean(code) });
}

/** Every form that a part of these octets may have, the longest first. */
function secretsOf(heard: readonly Buffer[]): string[] {
  const parts = heard.flatMap((octets) => {
    const text = octets.toString('utf8');
    return [text, ...separators.flatMap((between) => text.split(between))].flatMap((part) => [
      part,
      part.replace(/^[A-Za-z]+=/, ''),
    ]);
  });
  const forms = parts
    .filter((part) => part.length >= shortest)
    .flatMap((part) => {
      const octets = Buffer.from(part);
      return [
        part,
        octets.toString('base64'),
        octets.toString('base64url'),
        octets.toString('hex'),
        encodeURIComponent(part),
      ];
    });
  return [...new Set(forms)].toSorted((one, other) => other.length - one.length);
}
