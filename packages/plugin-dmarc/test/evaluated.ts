import type { Evaluated } from '../src/aggregate/evaluated.ts';
import type { Published } from '../src/aggregate/published.ts';

/** What a domain published that asks for reports. */
export const published: Published = {
  domain: 'bank.example',
  p: 'reject',
  sp: 'quarantine',
  np: 'reject',
  adkim: 'r',
  aspf: 's',
  fo: '1:d',
  testing: false,
  rua: ['mailto:dmarc@bank.example'],
};

/** A message that passed. */
export const passed: Evaluated = {
  at: 1_800_000_000_000,
  source: '192.0.2.1',
  published,
  disposition: 'pass',
  aligned: { dkim: true, spf: false },
  reasons: [],
  headerFrom: 'bank.example',
  envelopeFrom: 'bounces.bank.example',
  envelopeTo: 'mx.example',
  dkim: [{ domain: 'bank.example', selector: 's1', result: 'pass' }],
  spf: { domain: 'bounces.bank.example', result: 'softfail', comment: 'the address may not send' },
};

/** A message that failed, was let in for a reason, and has nothing to say for itself. */
export const failed: Evaluated = {
  ...passed,
  source: '2001:db8::1',
  disposition: 'none',
  aligned: { dkim: false, spf: false },
  reasons: [{ type: 'mailing_list', comment: 'a list that our users read' }, { type: 'policy_test_mode' }],
  envelopeFrom: '',
  dkim: [],
};
