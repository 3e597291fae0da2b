import { createPublicKey } from 'node:crypto';
import { Clock } from '@maitred/core';
import { fakeClock, inMemory } from '@maitred/testing';
import { describe, expect, it } from 'vitest';
import { ArcReceived, arcSealer, Sealer, type Received, type Sealed } from '../src/index.ts';
import { readPayload, type Payload } from '../src/payload.ts';
import { tags, worthOf } from './independent.ts';
import { receiver, texts } from './receiver.ts';
import { present, scenarios, type Case, type Scenario } from './suite.ts';

const suite = scenarios('arc-draft-sign-tests.yml');

/** What the suite takes for this server's results: those of the fields that bear its name, put together. */
function resultsOf({ message, of }: Case): Received['results'] {
  const fields = String(message).match(/^Authentication-Results:.*\r\n(?:[ \t].*\r\n)*/gim) ?? [];
  const read = fields.map((field) => readPayload(field.replace(':', ': i=1;')));
  return read.filter(({ authservId }) => authservId === of('srv-id')).flatMap(({ results }) => results);
}

/** Receives the message, and seals it as the suite says; what it is then found to be. */
async function sealed({ zone, domain, selector, privateKey }: Scenario, one: Case): Promise<[Received, Sealed?]> {
  let outcome: [Received, Sealed?] | undefined;
  const { server } = receiver({
    zone: texts(zone),
    plugins: [
      arcSealer({
        authservId: one.of('srv-id'),
        domain,
        keys: [{ domain, selector, privateKey }],
        signedFields: one.of('sig-headers').split(':'),
      }),
    ],
    whenKept: async (message) => {
      const received = { ...message.need(ArcReceived), results: resultsOf(one) };
      const set = await message.inject(Sealer).seal(one.message, received);
      outcome = [received, ...(set ? [set] : [])] as [Received, Sealed?];
    },
  });
  server.override(Clock, fakeClock(Number(one.of('t')) * 1000));
  const client = await inMemory.open(server);
  await client.hello();
  expect(await client.mail({ content: one.message })).toMatchObject({ code: 250 });
  client.destroy();
  await server.close();
  if (!outcome) throw new Error('the message was not delivered');
  return outcome;
}

/** What is found of a message by its next receiver. */
async function foundOf(zone: Scenario['zone'], content: string): Promise<string | undefined> {
  const { server, kept } = receiver({ zone: texts(zone) });
  const client = await inMemory.open(server);
  await client.hello();
  await client.mail({ content });
  client.destroy();
  await server.close();
  return kept[0]?.arc?.result;
}

/** The suite's results have comments, and `i=` where ours have a field. */
const said = (payload: string): Payload => readPayload(`ARC-Authentication-Results: ${payload}`);

describe.skipIf(!present)("ValiMail's ARC suite, signing (skipped where ../shared/conformance is not there)", () => {
  it('has 17 cases', () => {
    expect(suite.flatMap(({ cases }) => cases)).toHaveLength(17);
  });

  describe.each(suite)('$description', (scenario) => {
    const publicKey = createPublicKey(scenario.privateKey);

    it.each(scenario.cases)('$name: $description', async (one) => {
      const [received, set] = await sealed(scenario, one);
      if (one.of('AS') === '') {
        expect(set).toBeUndefined();
        return;
      }
      const [seal = '', signature = '', payload = ''] = set?.fields ?? [];
      const { b: _as, ...expectedSeal } = tags(`:${one.of('AS')}`);
      const { b: _ams, h = '', ...expectedSignature } = tags(`:${one.of('AMS')}`);
      expect(tags(seal)).toMatchObject(expectedSeal);
      expect(tags(signature)).toMatchObject(expectedSignature);
      expect(tags(signature)['h']?.toLowerCase().split(':').toSorted()).toEqual(h.split(':').toSorted());
      expect(said(payload.slice(payload.indexOf(':') + 1))).toEqual(said(one.of('AAR')));

      const message = set?.header + String(one.message);
      expect(worthOf(message, set?.instance ?? 0, publicKey)).toEqual({ seal: true, signature: true });
      // A seal that says `fail` is one; any other continues the chain.
      expect(await foundOf(scenario.zone, message)).toBe(received.chain === 'fail' ? 'fail' : 'pass');
      expect(tags(seal)['cv']).toBe(received.chain);
    });
  });
});
