import { inMemory } from '@maitred/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { receiver, texts } from './receiver.ts';
import { present, scenarios } from './suite.ts';

/**
 * Where we say otherwise than the suite, which was made for drafts of ARC.
 *
 * `ams_fields_h_empty`: a message signature that covers no field at all. The list must not be empty, and From must be in
 * it (RFC 6376 3.5, 5.4): anybody could put another author on top.
 *
 * `ams_fields_c_na`: a message signature without `c=`. The drafts took that for relaxed/relaxed; RFC 8617 4.1.2 takes the
 * tags over from DKIM, whose default is simple/simple (RFC 6376 3.5), and by that the body has changed.
 */
const deviations: Readonly<Record<string, string>> = { ams_fields_h_empty: 'fail', ams_fields_c_na: 'fail' };

/**
 * Three cases say nothing of what is expected: their newest seal, or one before it, says `cv=fail`. RFC 8617 5.2, steps 2
 * and 3.C, has the answer: the chain has failed.
 */
const unsaid = 'fail';

const suite = scenarios('arc-draft-validation-tests.yml');
const count = suite.reduce((sum, { cases }) => sum + cases.length, 0);
/** The name of each case that was run, and whether it went as the suite says. */
const outcomes: { readonly name: string; readonly asExpected: boolean }[] = [];

describe.skipIf(!present)("ValiMail's ARC suite, validation (skipped where ../shared/conformance is not there)", () => {
  describe.each(suite)('$description', ({ zone, cases }) => {
    const { server, kept } = receiver({ zone: texts(zone) });
    afterAll(() => server.close());

    it.each(cases)('$name: $description', async ({ name, message, of }) => {
      const client = await inMemory.open(server);
      await client.hello();
      expect(await client.mail({ content: message })).toMatchObject({ code: 250 });
      const result = kept.at(-1)?.arc?.result;
      const expected = of('cv').toLowerCase() || unsaid;
      expect(result).toBe(deviations[name] ?? expected);
      outcomes.push({ name, asExpected: result === expected });
      client.destroy();
    });
  });

  it('has 175 cases, of which two go otherwise', () => {
    expect(count).toBe(175);
    expect(outcomes.length).toBe(175);
    const otherwise = outcomes.filter(({ asExpected }) => !asExpected).map(({ name }) => name);
    expect(otherwise.toSorted()).toEqual(Object.keys(deviations).toSorted());
  });
});
