import { definePlugin, key, parameter, replies, type Key, type Plugin } from '@maitred/core';

/** Whether the client asked for a reply per recipient. */
export const Prdr: Key<boolean, 'transaction'> = key('prdr', 'transaction');

/** PRDR (draft-hall-prdr): at the end of data 353, a reply per recipient and the one for all, if MAIL asked for it. */
export function prdr(): Plugin {
  return definePlugin({
    name: 'prdr',
    provides: [Prdr],
    extensions: { PRDR: {} },
    parameters: {
      MAIL: {
        PRDR: parameter({
          extension: 'PRDR',
          key: Prdr,
          octets: 5,
          parse: (value) => (value === undefined ? true : replies.of(501, '5.5.4', 'PRDR takes no value')),
        }),
      },
    },
    answer: (transaction, one, outcomes) =>
      transaction.get(Prdr) && outcomes.length > 0
        ? replies.each([replies.of(353, undefined, 'One reply each'), ...outcomes.map(({ reply }) => reply), one])
        : undefined,
  });
}
