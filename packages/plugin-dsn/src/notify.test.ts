import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseNotify } from './notify.ts';

describe('NOTIFY', () => {
  it.each([
    ['NEVER', ['NEVER']],
    ['never', ['NEVER']],
    ['SUCCESS', ['SUCCESS']],
    ['Failure,delay', ['FAILURE', 'DELAY']],
    ['DELAY,SUCCESS,FAILURE', ['DELAY', 'SUCCESS', 'FAILURE']],
  ])('%s is %j', (value, notify) => {
    expect(parseNotify(value)).toEqual(notify);
  });

  it.each([
    ['no value', undefined],
    ['nothing', ''],
    ['another word', 'ALWAYS'],
    ['NEVER with others', 'NEVER,FAILURE'],
    ['others with NEVER', 'FAILURE,NEVER'],
    ['a word twice', 'DELAY,SUCCESS,DELAY'],
    ['NEVER twice', 'NEVER,NEVER'],
    ['four words', 'DELAY,SUCCESS,FAILURE,DELAY'],
    ['five words', 'DELAY,SUCCESS,FAILURE,DELAY,x'],
    ['a comma at the end', 'DELAY,'],
    ['a comma in front', ',DELAY'],
    ['a comma alone', ','],
    ['a space', 'DELAY, SUCCESS'],
    ['a letter that only looks like another', 'ſUCCESS'],
    ['xtext', '+53UCCESS'],
  ])('refuses %s', (_, value) => {
    expect(parseNotify(value)).toBeUndefined();
  });

  it('reads every list of different words, and no other', () => {
    const word = fc.constantFrom('SUCCESS', 'FAILURE', 'DELAY', 'NEVER', 'X');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const valid =
          words.join() === 'NEVER' ||
          (new Set(words).size === words.length && !words.includes('NEVER') && !words.includes('X'));
        expect(parseNotify(words.join(','))).toEqual(valid ? words : undefined);
      }),
    );
  });
});
