import { encodeXtext } from '@maitred/core';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseReturnContent } from './dsn.ts';
import { parseEnvelopeId } from './envelope-id.ts';
import { parseNotify } from './notify.ts';
import { parseOriginalRecipient } from './original-recipient.ts';
import { mailParameters, rcptParameters } from './request.ts';
import { decodeUnitext, encodeUnitext } from './unitext.ts';

describe('what a relay passes on', () => {
  it('is what came, octet for octet', () => {
    expect(mailParameters({ returnContent: 'HDRS', envelopeId: parseEnvelopeId('+51Q+3D') })).toEqual([
      'RET=HDRS',
      'ENVID=+51Q+3D',
    ]);
    const recipient = {
      notify: parseNotify('delay,Success'),
      originalRecipient: parseOriginalRecipient('RFC822;+41@x'),
    };
    expect(rcptParameters(recipient)).toEqual(['NOTIFY=DELAY,SUCCESS', 'ORCPT=RFC822;+41@x']);
  });

  it('is nothing where nothing came', () => {
    expect(mailParameters({})).toEqual([]);
    expect(rcptParameters({})).toEqual([]);
  });

  it('has raw UTF-8 only for a server that offers SMTPUTF8', () => {
    const recipient = { originalRecipient: parseOriginalRecipient('utf-8;jörg@x') };
    expect(rcptParameters(recipient)).toEqual(['ORCPT=utf-8;j\\x{F6}rg@x']);
    expect(rcptParameters(recipient, { smtpUtf8: true })).toEqual(['ORCPT=utf-8;jörg@x']);
  });

  it('leaves out an address that is too long for ORCPT in ASCII', () => {
    const recipient = {
      originalRecipient: parseOriginalRecipient(`utf-8;${'é'.repeat(100)}`),
      notify: parseNotify('NEVER'),
    };
    expect(rcptParameters(recipient)).toEqual(['NOTIFY=NEVER']);
  });

  it('reads as what came', () => {
    const address = fc.oneof(
      fc.stringMatching(/^[ -~]{1,100}$/).map((text) => `rfc822;${encodeXtext(text)}`),
      fc.stringMatching(/^[ -~¡-ÿ]{1,60}$/).map((text) => `utf-8;${encodeUnitext(text, 'unitext')}`),
    );
    const notify = fc.subarray(['SUCCESS', 'FAILURE', 'DELAY'], { minLength: 1 });
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{1,33}$/),
        fc.constantFrom('FULL', 'HDRS'),
        notify,
        address,
        (id, ret, on, to) => {
          const envelopeId = parseEnvelopeId(encodeXtext(id))!;
          const mail = mailParameters({ returnContent: parseReturnContent(ret), envelopeId });
          expect(mail).toEqual([`RET=${ret}`, `ENVID=${encodeXtext(id)}`]);
          const originalRecipient = parseOriginalRecipient(to)!;
          const [, written = ''] = rcptParameters({ notify: parseNotify(on.join()), originalRecipient });
          expect(written).toMatch(/^ORCPT=[!-~]+$/);
          expect(parseOriginalRecipient(written.slice('ORCPT='.length))).toMatchObject({
            address: originalRecipient.address,
          });
          if (originalRecipient.type === 'utf-8')
            expect(decodeUnitext(written.slice(12))).toBe(originalRecipient.address);
        },
      ),
    );
  });
});
