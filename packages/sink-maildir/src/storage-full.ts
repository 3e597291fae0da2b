import { replies, SmtpError, type Reply } from '@maitred/core';

/** 452 4.3.1 (RFC 5321 4.2.2): the sender tries again later. */
export const storageFull: Reply = Object.freeze(replies.of(452, '4.3.1', 'Insufficient system storage'));

/** Whether there was no room, on the disk or in somebody's quota. */
export function isFull(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** The error that a sink fails with: no room is no fault of ours, and has a reply of its own. */
export function failureOf(error: unknown): unknown {
  return isFull(error) ? new SmtpError(storageFull, { cause: error }) : error;
}
