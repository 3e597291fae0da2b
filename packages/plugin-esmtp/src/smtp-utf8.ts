import { definePlugin, Internationalized, parameter, replies } from '@maitred/core';
import type { CommandContext, Plugin, Reply } from '@maitred/core';
import { parseInquiry } from './inquiry.ts';
import { BodyType } from './keys.ts';

/**
 * SMTPUTF8 (RFC 6531): offers it, and sets core's `Internationalized` where MAIL has the parameter. Only then does core
 * let non-ASCII mailboxes pass (553 5.6.7 otherwise) and write replies in UTF-8 (`?` stands for what isn't ASCII
 * otherwise). VRFY and EXPN with a non-ASCII argument get 550 5.6.7 without the parameter, 501 5.5.4 with a value on it
 * (RFC 6531 3.7.4.2); else whoever owns the verb answers, the parameter still at the end of its arguments.
 *
 * Doesn't start without 8BITMIME (RFC 6531 3.1): use `eightBitMime()` too.
 */
export function smtpUtf8(): Plugin {
  return definePlugin({
    name: 'smtputf8',
    provides: [Internationalized],
    requires: [BodyType],
    extensions: { [keyword]: {} },
    parameters: {
      MAIL: {
        [keyword]: parameter({
          extension: keyword,
          key: Internationalized,
          octets: 10,
          parse: (value) => (value === undefined ? true : takesNoValue),
        }),
      },
    },
    stages: {
      command: {
        when: (ctx) => inquiries.has(ctx.command.verb),
        handle: async (ctx, next) => inquiryFault(ctx) ?? next(),
      },
    },
  });
}

const keyword = 'SMTPUTF8';
const inquiries: ReadonlySet<string> = new Set(['VRFY', 'EXPN']);

const takesNoValue = replies.of(501, '5.5.4', 'SMTPUTF8 takes no value');
const misplaced = replies.of(501, '5.5.4', 'SMTPUTF8 comes last, once, without a value');
const asciiOnly = replies.of(550, '5.6.7', 'Non-ASCII address not permitted without SMTPUTF8');

function inquiryFault({ command, offered }: CommandContext): Reply | undefined {
  // To a client that was not offered it, the word is a part of what it asks about.
  const given = offered.has(keyword) ? parseInquiry(command.args) : 'plain';
  if (given === 'syntax') return misplaced;
  return given === 'plain' && /[^\0-\x7f]/.test(command.args) ? asciiOnly : undefined;
}
