import { describe, expect, it } from 'vitest';
import type { Notify } from '../keys.ts';
import type { Action } from './report.ts';
import { isWanted } from './wanted.ts';

describe('what a sender wants to hear of', () => {
  const actions: readonly Action[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];

  it.each<[string, Notify | undefined, readonly Action[]]>([
    ['without NOTIFY', undefined, ['failed', 'delayed']],
    ['with NEVER', ['NEVER'], []],
    ['with FAILURE', ['FAILURE'], ['failed']],
    ['with DELAY', ['DELAY'], ['delayed']],
    ['with SUCCESS', ['SUCCESS'], ['delivered', 'relayed', 'expanded']],
    ['with SUCCESS,FAILURE', ['SUCCESS', 'FAILURE'], ['failed', 'delivered', 'relayed', 'expanded']],
    ['with all', ['DELAY', 'SUCCESS', 'FAILURE'], actions],
  ])('%s', (_, notify, wanted) => {
    expect(actions.filter((action) => isWanted(notify, action))).toEqual(wanted);
  });
});
