import { definePlugin, replies, type Plugin, type VerbSpec } from '@maitred/core';

/** LMTP (RFC 2033): LHLO instead of EHLO and HELO, and at the end of data one reply per recipient. */
export function lmtp(): Plugin {
  const lhloHere: VerbSpec = { replaces: true, handle: async () => replies.of(500, '5.5.1', 'This is LMTP: use LHLO') };
  return definePlugin({
    name: 'lmtp',
    verbs: {
      LHLO: {
        endsGroup: true,
        handle: async (verb) => (verb.args === '' ? replies.badSyntax : verb.advertise(verb.args, true)),
      },
      EHLO: lhloHere,
      HELO: lhloHere,
    },
    answer: ({ recipients }, one, outcomes) =>
      replies.each(recipients.map((each) => outcomes.find(({ recipient }) => recipient === each)?.reply ?? one)),
  });
}
