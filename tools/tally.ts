import { writeSync } from 'node:fs';
import type { Reporter } from 'vitest/node';

type Ended = Required<Reporter>['onTestRunEnd'];

/**
 * A vitest reporter whose last word is `N passed, N failed`.
 *
 * Passed and failed tests count; so does every file that could not be loaded and every error
 * that belonged to no test, as one failure each.
 */
export class Tally implements Reporter {
  onTestRunEnd(...[modules, errors]: Parameters<Ended>): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    // At exit and synchronously: whatever the other reporters and the workers still say comes before.
    process.once('exit', () => writeSync(1, `${passed} passed, ${failed} failed\n`));
  }
}
