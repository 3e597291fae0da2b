import { definePlugin, Log, replies, service, type Plugin, type TlsOptions, type Verb } from '@maitred/core';
import { Certificates } from './tokens.ts';

/** What STARTTLS stands on. */
export interface StarttlsOptions {
  /** Left out where another plugin, or the application, registers `Certificates`. */
  readonly certificates?: Certificates;
}

/**
 * STARTTLS (RFC 3207). Offered in plaintext only; 503 within TLS, within a transaction, and before an EHLO that offered it.
 * What the session knew before the handshake is forgotten, what the client sent before it is never executed, and a
 * handshake that fails ends its connection.
 *
 * Throws TypeError for certificates that are still a promise, or none.
 */
export function starttls({ certificates }: StarttlsOptions = {}): Plugin {
  if (certificates) loaded(certificates);
  return definePlugin({
    name: 'starttls',
    requires: [Certificates],
    services: certificates ? [service({ token: Certificates, create: () => certificates })] : [],
    extensions: { STARTTLS: { when: (session) => session.tls === undefined } },
    verbs: {
      STARTTLS: {
        extension: 'STARTTLS',
        endsGroup: true,
        when: ({ tls, transaction, offered }) =>
          tls || transaction || !offered.has('STARTTLS') ? replies.badSequence : undefined,
        handle: async (verb) => {
          if (verb.args !== '') return replies.badSyntax;
          const settings = current(verb);
          if (!settings) return notNow;
          verb.after((powers) => powers.upgrade(settings));
          return goAhead;
        },
      },
    },
  });
}

const goAhead = Object.freeze(replies.of(220, '2.0.0', 'Ready to start TLS'));
const notNow = Object.freeze(replies.of(454, '4.7.0', 'TLS not available due to temporary reason'));

/** Else it would be offered, and each client answered 454. */
function loaded(certificates: Partial<Certificates & PromiseLike<unknown>>): void {
  if (certificates.then) throw new TypeError('certificates is a promise: await certificates(…)');
  if (!certificates.settings) throw new TypeError('certificates has no settings: give await certificates(…)');
}

/** Asked before 220 is said: certificates of another maker may fail, and after it only the connection's end is left. */
function current(verb: Verb): TlsOptions | undefined {
  try {
    return verb.inject(Certificates).settings();
  } catch (err) {
    verb.inject(Log).error({ id: verb.id, err }, 'starttls has no certificates');
    return undefined;
  }
}
