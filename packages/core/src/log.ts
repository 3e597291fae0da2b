import { token, type Token } from './services.ts';

/** Writes one record: its fields, then a sentence for people. */
export type LogMethod = (fields: object, message: string) => void;

/** What core logs through; a pino logger fits as it is. */
export interface Log {
  error: LogMethod;
  warn: LogMethod;
  info: LogMethod;
  debug: LogMethod;
}

/** The logger. Default: warnings and errors to the console, nothing else. Core never logs arguments of `secret` verbs. */
export const Log: Token<Log> = token('log');

/** Faults must not vanish because nobody chose a logger; everything else may. */
export const consoleLog: Log = {
  // oxlint-disable-next-line no-console -- the default of last resort
  error: (fields, message) => console.error(message, fields),
  // oxlint-disable-next-line no-console -- see above
  warn: (fields, message) => console.warn(message, fields),
  info: () => {},
  debug: () => {},
};

/** The same log, except that its own failures cost no mail and no process: they become a warning. */
export function guarded(log: Log): Log {
  const method =
    (level: keyof Log): LogMethod =>
    (fields, message) => {
      try {
        log[level](fields, message);
      } catch (error) {
        process.emitWarning(`the log failed to write "${message}": ${String(error)}`);
      }
    };
  return { error: method('error'), warn: method('warn'), info: method('info'), debug: method('debug') };
}
