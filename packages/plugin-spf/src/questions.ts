import type { Transaction } from '@maitred/core';
import type { Question } from './check.ts';

/** What of a transaction the checks are about. */
export type Asked = Pick<Transaction, 'remote' | 'helo' | 'hostname' | 'sender'>;

/**
 * The questions a transaction poses (RFC 7208 2.3, 2.4): of MAIL FROM and, beside it, of HELO if that is wanted. The null
 * reverse-path has no domain: HELO's is its own.
 */
export function questions(ctx: Asked, withHelo: boolean): [Question, Question?] {
  const { sender } = ctx;
  const helo = ctx.helo ?? '';
  const facts = { ip: ctx.remote.address, helo, receiver: ctx.hostname };
  const ofHelo: Question = { ...facts, identity: 'helo', sender: '', domain: helo.toLowerCase() };
  if (sender.null || sender.domain === undefined) return [ofHelo];
  const ofMailFrom: Question = {
    ...facts,
    identity: 'mailfrom',
    sender: `${sender.local}@${sender.domain}`,
    domain: sender.domain,
  };
  return withHelo ? [ofMailFrom, ofHelo] : [ofMailFrom];
}
