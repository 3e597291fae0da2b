import { Clock, definePlugin, Identity, replies, service, type Plugin, type Reply, type Verb } from '@maitred/core';
import { Allowance, type AllowanceOptions } from './allowance.ts';
import { expanded, verified } from './answers.ts';
import { toldTo, type Exposure, type Told } from './exposure.ts';
import { parseInquiry, type Inquiry } from './inquiry.ts';
import { RecipientDirectory } from './tokens.ts';

/** What {@link verify} is made with. */
export interface VerifyOptions {
  /** Left out where another plugin, or the application, registers `RecipientDirectory`, and where nobody is told. */
  readonly directory?: RecipientDirectory;
  /** Who is told the truth, for each verb. Default: nobody. */
  readonly expose?: { readonly vrfy?: Exposure; readonly expn?: Exposure };
  /** How much a client that is told may ask, both verbs together; who proved an identity is counted by that. */
  readonly limit?: AllowanceOptions;
  /** The most entries that one reply lists; more are not told. Default: 100. */
  readonly entries?: number;
}

/**
 * VRFY and EXPN (RFC 5321 3.5, 4.1.1.6, 4.1.1.7; RFC 6531 3.7.4.2), in the place of core's. Private by default: whatever is
 * well-formed gets the same 252, whether it exists or not, and the directory is never asked. Whom `expose` names is told
 * what the directory knows, at a limited rate.
 *
 * Throws RangeError for what is no network, and for a limit that is not positive.
 */
export function verify({ directory, expose = {}, limit, entries = 100 }: VerifyOptions = {}): Plugin {
  const [vrfy, expn] = [toldTo(expose.vrfy), toldTo(expose.expn)];
  if (!(entries > 0)) throw new RangeError(`entries has to be more than 0, not ${entries}`);
  const allowance = new Allowance(limit);
  const answer = async (verb: Verb, told: Told | undefined, unsaid: Reply, ask: Ask): Promise<Reply> => {
    const inquiry = parseInquiry(verb.args, verb.offered.has('SMTPUTF8'));
    if (inquiry === 'syntax') return badSyntax;
    if (!inquiry.utf8 && /[^\0-\x7f]/.test(verb.args)) return asciiOnly;
    // Whom nobody is told about is nobody's to look up: not even the time it takes says whether it exists.
    if (!told?.(verb)) return unsaid;
    if (!allowance.take(clientOf(verb), verb.inject(Clock).elapsed())) return tooOften;
    return ask(inquiry, verb.inject(RecipientDirectory));
  };
  return definePlugin({
    name: 'verify',
    requires: (vrfy ?? expn) ? [RecipientDirectory, Clock] : [],
    optional: [Identity],
    services: directory ? [service({ token: RecipientDirectory, create: () => directory })] : [],
    extensions: { ...(vrfy ? { VRFY: { when: vrfy } } : {}), ...(expn ? { EXPN: { when: expn } } : {}) },
    verbs: {
      VRFY: {
        replaces: true,
        handle: (verb) =>
          answer(verb, vrfy, cannotVerify, async (inquiry, of) => {
            const found = await of.verify(inquiry, verb.signal);
            return verified(found, { utf8: inquiry.utf8, entries });
          }),
      },
      EXPN: {
        replaces: true,
        handle: (verb) =>
          answer(verb, expn, cannotExpand, async (inquiry, of) => {
            const found = await of.expand(inquiry, verb.signal);
            return expanded(found, { utf8: inquiry.utf8, entries });
          }),
      },
    },
  });
}

type Ask = (inquiry: Inquiry, of: RecipientDirectory) => Promise<Reply>;

const cannotVerify = replies.of(252, '2.5.0', 'Cannot verify, but send some mail and it will be tried');
const cannotExpand = replies.of(252, '2.5.0', 'Cannot expand, but send some mail and it will be tried');
const badSyntax = replies.of(501, '5.5.4', 'Give a mailbox or a name, in quotes where it has spaces');
const asciiOnly = replies.of(550, '5.6.7', 'Non-ASCII address not permitted without SMTPUTF8');
const tooOften = replies.of(450, '4.7.1', 'Too many inquiries: try again later');

function clientOf(verb: Verb): string {
  const identity = verb.get(Identity);
  return identity ? `identity ${identity.id}` : `address ${verb.remote.address}`;
}
