import type { Mechanism } from '../mechanism.ts';
import { utf8 } from '../sasl/utf8.ts';
import { verified } from './verified.ts';

/** LOGIN: name, then password, each asked for; of no RFC, but there are clients with nothing else. */
export function login(): Mechanism {
  return {
    name: 'LOGIN',
    needs: 'verifyPassword',
    async authenticate(exchange) {
      // Some wait for these very words.
      const user = utf8(await exchange.ask('Username:'));
      const password = utf8(await exchange.ask('Password:'));
      return user && password ? verified(exchange, { user, password, actAs: undefined }) : 'malformed';
    },
  };
}
