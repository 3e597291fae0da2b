import { definePlugin, replies, type Plugin, type TlsSettings } from '@maitred/core';

/** STARTTLS, as little as real clients need of it. */
export function startTls(tls: TlsSettings): Plugin {
  return definePlugin({
    name: 'starttls',
    // gsasl doesn't find it in the last line.
    extensions: { STARTTLS: { when: (session) => session.tls === undefined }, 'X-LAST': {} },
    verbs: {
      STARTTLS: {
        extension: 'STARTTLS',
        endsGroup: true,
        handle: async (verb) => {
          verb.after((powers) => powers.upgrade(tls));
          return replies.of(220, '2.0.0', 'Ready to start TLS');
        },
      },
    },
  });
}
