import { Buffer } from 'node:buffer';
import type { Bag } from '@maitred/core';
import { EnvelopeId, Notify, OriginalRecipient, ReturnContent } from './keys.ts';
import { encodeUnitext } from './unitext.ts';

/** What a client asked for with MAIL: plain data, fit for a queue. */
export interface MessageRequest {
  readonly returnContent?: ReturnContent | undefined;
  readonly envelopeId?: EnvelopeId | undefined;
}

/** What a client asked for with RCPT: plain data, fit for a queue. */
export interface RecipientRequest {
  readonly notify?: Notify | undefined;
  readonly originalRecipient?: OriginalRecipient | undefined;
}

/** What a transaction's client asked for. A plugin that calls this names the two keys under `optional`. */
export function messageRequest(transaction: Bag<'transaction'>): MessageRequest {
  return { returnContent: transaction.get(ReturnContent), envelopeId: transaction.get(EnvelopeId) };
}

/** What a transaction's client asked for a recipient. */
export function recipientRequest(recipient: Bag<'recipient'>): RecipientRequest {
  return { notify: recipient.get(Notify), originalRecipient: recipient.get(OriginalRecipient) };
}

/** The parameters of MAIL that pass a request on to a server that offers DSN (RFC 3461 5.2.1): `RET=HDRS`, `ENVID=QQ+20`. */
export function mailParameters({ returnContent, envelopeId }: MessageRequest): string[] {
  return [
    ...(returnContent === undefined ? [] : [`RET=${returnContent}`]),
    ...(envelopeId === undefined ? [] : [`ENVID=${envelopeId.encoded}`]),
  ];
}

/**
 * The parameters of RCPT that pass a request on to a server that offers DSN (RFC 3461 5.2.1). Without `smtpUtf8`, for
 * one that doesn't offer SMTPUTF8 too, they are all ASCII; then an ORCPT that gets too long for it by that is left out.
 */
export function rcptParameters(
  { notify, originalRecipient }: RecipientRequest,
  { smtpUtf8 = false }: { readonly smtpUtf8?: boolean } = {},
): string[] {
  const orcpt = originalRecipient && wireForm(originalRecipient, smtpUtf8);
  return [
    ...(notify === undefined ? [] : [`NOTIFY=${notify.join(',')}`]),
    ...(orcpt === undefined || Buffer.byteLength(orcpt) > 500 ? [] : [`ORCPT=${orcpt}`]),
  ];
}

function wireForm({ address, encoded }: OriginalRecipient, smtpUtf8: boolean): string {
  return smtpUtf8 || !/[^\0-\x7f]/.test(encoded) ? encoded : `utf-8;${encodeUnitext(address, 'xtext')}`;
}
