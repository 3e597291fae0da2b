import { describe, expect, it } from 'vitest';
import { timeToRefusal } from '../src/auth.ts';

describe('the time to a refusal', { timeout: 60_000 }, () => {
  it('is measured for a wrong password and for an unknown user, side by side', async () => {
    const rows = await timeToRefusal('time', { rounds: 1, milliseconds: 1, warmUp: 0 });
    expect(rows.map(({ measured, server }) => `${measured}, ${server}`)).toEqual([
      'time: PLAIN, wrong password',
      'time: PLAIN, unknown user',
      'time: SCRAM-SHA-256, the salt, wrong password',
      'time: SCRAM-SHA-256, the salt, unknown user',
    ]);
    for (const { value } of rows) expect(value.least).toBeGreaterThan(0);
  });
});
