import type { Mechanism } from '../mechanism.ts';
import { parsePlain } from '../sasl/plain.ts';
import { verified } from './verified.ts';

/** PLAIN (RFC 4616): name and password in one message. */
export function plain(): Mechanism {
  return {
    name: 'PLAIN',
    needs: 'verifyPassword',
    async authenticate(exchange) {
      const message = parsePlain(await exchange.ask());
      return message ? verified(exchange, message) : 'malformed';
    },
  };
}
