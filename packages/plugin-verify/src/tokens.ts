import { token, type Awaitable, type Token } from '@maitred/core';
import type { Inquiry } from './inquiry.ts';

/** Somebody, as VRFY and EXPN tell it: `Full Name <mailbox>`. */
export interface Entry {
  /** The full name, for people. */
  readonly name?: string;
  /** `local@domain`, as it stands in a path between its angle brackets. */
  readonly mailbox: string;
}

/**
 * What VRFY's string stands for:
 *
 * - `mailbox`: one mailbox (250); `forwarded`: mail for it is taken and sent on to `entry` (251).
 * - `moved`: mail for it isn't taken, `entry` takes it (551).
 * - `ambiguous`: any of `entries` (553).
 * - `list`: a mailing list, which EXPN asks about (550); `unknown`: nobody (550).
 * - `undecided`: nobody can tell, mail may be taken (252): a mailbox elsewhere, say.
 */
export type Verification =
  | { readonly is: 'mailbox' | 'forwarded' | 'moved'; readonly entry: Entry }
  | { readonly is: 'ambiguous'; readonly entries: readonly Entry[] }
  | { readonly is: 'list' | 'unknown' | 'undecided' };

/** What EXPN's string stands for: a list's members (250); `mailbox`: no list but somebody (550); `unknown` (550). */
export type Expansion =
  | { readonly is: 'list'; readonly entries: readonly Entry[] }
  | { readonly is: 'mailbox' | 'unknown' };

/** Who receives mail here. Asked only on behalf of clients that may be told; a rejection is 451 4.3.0 to them. */
export interface RecipientDirectory {
  verify(inquiry: Inquiry, signal: AbortSignal): Awaitable<Verification>;
  expand(inquiry: Inquiry, signal: AbortSignal): Awaitable<Expansion>;
}

/** The directory that `verify` asks; registered by `verify({ directory })`, or by whoever has one. */
export const RecipientDirectory: Token<RecipientDirectory> = token('recipient directory');
