import type { Mechanism } from '../mechanism.ts';
import { oauthBearer, xoauth2 } from './bearer.ts';
import { external } from './external.ts';
import { login } from './login.ts';
import { plain } from './plain.ts';
import { scram } from './scram.ts';

/** The mechanisms that are there when nothing else is said, the strongest first; all but CRAM-MD5. */
export function everyday(): Mechanism[] {
  return [external(), ...scram(), oauthBearer(), xoauth2(), plain(), login()];
}
