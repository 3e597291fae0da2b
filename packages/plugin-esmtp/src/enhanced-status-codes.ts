import { definePlugin } from '@maitred/core';
import type { EnhancedCode, Plugin, Reply } from '@maitred/core';

/**
 * ENHANCEDSTATUSCODES (RFC 2034): puts the enhanced status code in front of every line of every 2xx, 4xx and 5xx reply,
 * each of several in one included, to a client that was offered it; never on the greeting, on what HELO, EHLO and LHLO
 * are answered, or on a 3xx. A reply without a code of its own, or with one of another class, gets `2.0.0`, `4.0.0` or
 * `5.0.0` (RFC 2034 4, RFC 3463 3.1: other or undefined status).
 */
export function enhancedStatusCodes(): Plugin {
  return definePlugin({
    name: 'enhanced-status-codes',
    extensions: { [keyword]: {} },
    format: (reply, session, at) => (session.offered.has(keyword) && !bare.has(at) ? enhanced(reply) : reply),
  });
}

const keyword = 'ENHANCEDSTATUSCODES';

/** What is answered without codes (RFC 2034 4); LHLO takes EHLO's place (RFC 2033 4.1). */
const bare: ReadonlySet<string> = new Set(['greeting', 'HELO', 'EHLO', 'LHLO']);

const undefinedStatus: ReadonlyMap<number, EnhancedCode> = new Map([
  [2, '2.0.0'],
  [4, '4.0.0'],
  [5, '5.0.0'],
]);

function enhanced(reply: Reply): Reply {
  const fallback = undefinedStatus.get(Math.floor(reply.code / 100));
  if (fallback === undefined) return reply;
  const given = reply.enhanced ?? fallback;
  const own = given[0] === fallback[0] ? given : fallback;
  return { ...reply, enhanced: own, lines: reply.lines.map((line) => `${own} ${line}`) };
}
