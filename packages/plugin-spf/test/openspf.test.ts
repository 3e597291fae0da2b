import { parsePath, type Path } from '@maitred/core';
import { inMemory } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { safeText } from '../src/safe-text.ts';
import { receiver, unwritable } from './receiver.ts';
import { present, suite, type Case } from './suite.ts';

const cases = suite();

/** As a client writes it, if one can. */
function written(mailfrom: string): string | undefined {
  const at = mailfrom.lastIndexOf('@');
  const quoted = `<"${mailfrom.slice(0, at)}"${mailfrom.slice(at)}>`;
  return [`<${mailfrom}>`, quoted].find((path) => typeof parsePath(path) === 'object');
}

/** What it would be if MAIL took it. */
function pathOf(mailbox: string): Path {
  const at = mailbox.lastIndexOf('@');
  return {
    mailbox,
    local: mailbox.slice(0, at),
    domain: mailbox.slice(at + 1).toLowerCase(),
    ascii: true,
    null: false,
  };
}

/** A name with spaces in it: Node's resolver, and so the DNS service, asks for none. */
const unaskable = 'macro-mania-in-domain';

/** What HELO takes for a name. */
const greets = /^[!-;=?-~]{1,255}$/;

/** The hex digits of its IPv6 address are in upper case there, and in lower case with us: DNS doesn't mind. */
const otherCase = ['v-macro-ip6'];

describe.skipIf(!present).each([
  ['MAIL FROM alone', { helo: false }],
  ['HELO beside it', { helo: true }],
  ['by way of the DNS service', { cached: true }],
])("OpenSPF's suite, %s (skipped where ../shared/conformance is not there)", (_way, settings) => {
  it('has 203 cases, of which SMTP itself would refuse three', () => {
    expect(cases).toHaveLength(203);
    const refused = cases.filter(({ helo, mailfrom }) => !greets.test(helo) || written(mailfrom) === undefined);
    expect(refused.map(({ name }) => name)).toEqual(['toolonglabel', 'emptylabel', 'invalid-hello-macro']);
  });

  it.each(cases)('$scenario: $name', async (one: Case) => {
    const path = written(one.mailfrom);
    await using it = receiver(settings, one.zone, unwritable(one.helo, pathOf(one.mailfrom)));
    const client = await inMemory.open(it.server, { remote: { address: one.host, port: 40_000 } });
    await client.reply();
    await client.command(greets.test(one.helo) ? `EHLO ${one.helo}` : 'XHELO');
    await client.command(path === undefined ? 'XMAIL' : `MAIL FROM:${path}`);
    const result = await it.results[0];
    const results = 'cached' in settings && one.name === unaskable ? ['permerror'] : one.results;
    expect(results).toContain(result?.result);
    if (one.explanation === undefined) return;
    const wanted = one.explanation === 'DEFAULT' ? undefined : safeText(one.explanation);
    const lower = otherCase.includes(one.name);
    expect(lower ? result?.explanation?.toLowerCase() : result?.explanation).toBe(
      lower ? wanted?.toLowerCase() : wanted,
    );
  });
});
