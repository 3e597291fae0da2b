import { replies, type EnhancedCode, type Reply } from '@maitred/core';

/** What nodemailer tells of a failure. */
export interface Failure extends Error {
  /** `EENVELOPE`, `EMESSAGE`, `EAUTH`, `ECONNECTION` … */
  readonly code?: string | undefined;
  /** The smarthost's reply, its lines as they came. */
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  /** The recipient it is about. */
  readonly recipient?: string | undefined;
}

/** What the client is told: what the smarthost says of this mail. Of anything else, our own troubles, 451 4.4.1. */
export function refusal({ code, response = '', responseCode = 0 }: Failure): Reply {
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (!aboutMail || responseCode < 400 || responseCode > 599) return unreachable;
  const permanent = responseCode >= 550;
  const [, enhanced = permanent ? '5.0.0' : '4.0.0', text = ''] = REPLY.exec(response) ?? [];
  const fits = enhanced.startsWith(permanent ? '5' : '4');
  const status = fits ? (enhanced as EnhancedCode) : permanent ? '5.0.0' : '4.0.0';
  return replies.of(permanent ? responseCode : 451, status, `The next server said: ${text}`);
}

const unreachable = replies.of(451, '4.4.1', 'The next server is not available, try again later');

/** A reply's first line: its enhanced code, if there is one, and its text. */
const REPLY = /^\d{3}[ -](?:([245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})) )?([^\r\n]*)/;
