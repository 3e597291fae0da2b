import { describe, expect, it } from 'vitest';
import { uniqueName } from './unique-name.ts';

const now = Date.UTC(2026, 0, 1, 12, 0, 0, 250);

describe('uniqueName', () => {
  it('follows the convention', () => {
    expect(uniqueName(now, 'mx.example.org')).toMatch(
      new RegExp(`^1767268800\\.M250\\d{3}P${process.pid}Q\\d+R[0-9a-f]{16}\\.mx\\.example\\.org$`),
    );
  });

  it('is never the same, not within one instant either', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => uniqueName(now))).size).toBe(10_000);
  });

  it('has the host escaped: it is one name, and holds no flags', () => {
    expect(uniqueName(now, 'a/b:c')).toMatch(/\.a\\057b\\072c$/);
    expect(uniqueName(now, '../é\n')).toMatch(/\.\.\.\\057\\303\\251\\012$/);
    expect(uniqueName(now, 'x'.repeat(1000)).length).toBeLessThan(200);
  });
});
