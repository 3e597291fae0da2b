import { definePlugin, Internationalized, parameter, replies, type Plugin } from '@maitred/core';
import { parseEnvelopeId } from './envelope-id.ts';
import { EnvelopeId, Notify, OriginalRecipient, ReturnContent } from './keys.ts';
import { parseNotify } from './notify.ts';
import { parseOriginalRecipient } from './original-recipient.ts';

/**
 * DSN (RFC 3461): offers it, and keeps what RET and ENVID on MAIL, NOTIFY and ORCPT on RCPT ask for under
 * {@link ReturnContent}, {@link EnvelopeId}, {@link Notify} and {@link OriginalRecipient}. Who offers it promises to pass
 * them on when it relays, and to notify when it delivers or fails: `mailParameters`, `rcptParameters` and `notification`
 * are for that.
 */
export function dsn(): Plugin {
  return definePlugin({
    name: 'dsn',
    provides: [ReturnContent, EnvelopeId, Notify, OriginalRecipient],
    optional: [Internationalized],
    extensions: { [keyword]: {} },
    parameters: {
      MAIL: {
        RET: parameter({
          extension: keyword,
          key: ReturnContent,
          octets: 9,
          parse: (value) => parseReturnContent(value) ?? badReturnContent,
        }),
        ENVID: parameter({
          extension: keyword,
          key: EnvelopeId,
          octets: 107,
          parse: (value) => parseEnvelopeId(value) ?? badEnvelopeId,
        }),
      },
      RCPT: {
        NOTIFY: parameter({
          extension: keyword,
          key: Notify,
          octets: 29,
          parse: (value) => parseNotify(value) ?? badNotify,
        }),
        ORCPT: parameter({
          extension: keyword,
          key: OriginalRecipient,
          octets: 507,
          parse: (value, { transaction }) => {
            const parsed = parseOriginalRecipient(value);
            if (!parsed) return badOriginalRecipient;
            // RFC 6533 3: raw UTF-8 is for who speaks SMTPUTF8; others have utf-8-addr-xtext.
            return isAscii(parsed.encoded) || transaction?.get(Internationalized) === true ? parsed : rawUtf8;
          },
        }),
      },
    },
  });
}

const keyword = 'DSN';

const badReturnContent = replies.of(501, '5.5.4', 'RET is FULL or HDRS');
const badEnvelopeId = replies.of(501, '5.5.4', 'ENVID is up to 100 characters of xtext, printable ASCII when decoded');
const badNotify = replies.of(501, '5.5.4', 'NOTIFY is NEVER, or SUCCESS, FAILURE and DELAY, each at most once');
const badOriginalRecipient = replies.of(
  501,
  '5.5.4',
  'ORCPT is an address type, a semicolon, and an address in xtext, up to 500 octets without control characters',
);
const rawUtf8 = replies.of(501, '5.6.7', 'ORCPT has UTF-8 only after SMTPUTF8 on MAIL: write it as \\x{...}');

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** Reads RET's value, in any case (RFC 3461 4.3); undefined for anything else. */
export function parseReturnContent(value: string | undefined): ReturnContent | undefined {
  if (value === undefined || !/^(?:full|hdrs)$/i.test(value)) return undefined;
  return value.toUpperCase() as ReturnContent;
}
