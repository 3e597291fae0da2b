import type { Log, LogMethod } from '@maitred/core';

/** What a logger was told, once. */
export interface LogRecord {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it's told, in order; `records` grows. Use it with `server.override(Log, memoryLog())`. */
export interface MemoryLog extends Log {
  readonly records: readonly LogRecord[];
}

/** Makes a logger that keeps what it's told. */
export function memoryLog(): MemoryLog {
  const records: LogRecord[] = [];
  const keep =
    (level: keyof Log): LogMethod =>
    (fields, message) => {
      records.push({ level, message, fields: { ...fields } });
    };
  return { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug'), records };
}
