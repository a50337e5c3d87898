import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sentences } from '../../../src/http/perspective/sentences.js';

const cut = (text: string, most = 100) =>
  sentences(text, most).map(({ begin, end }) => text.slice(begin, end));

test('sentences without the white space around them', () => {
  expect(cut(' Привет!  Как дела?\n\nХорошо… ')).toEqual(['Привет!', 'Как дела?', 'Хорошо…']);
  expect(cut('без точки')).toEqual(['без точки']);
  expect(cut(' \n ')).toEqual([]);
});

test('no more than asked for: several together then', () => {
  expect(cut('А. Б. В. Г. Д.', 2)).toEqual(['А. Б. В.', 'Г. Д.']);
});

test('nothing but white space is left out, whatever the text', () => {
  const piece = fc.constantFrom('а', 'Б', '. ', '!', '?', '\n', ' ', '😀', '…');
  fc.assert(
    fc.property(
      fc.array(piece).map((all) => all.join('')),
      fc.integer({ min: 1, max: 5 }),
      (text, most) => {
        const ranges = sentences(text, most);
        expect(ranges.length).toBeLessThanOrEqual(most);
        let last = 0;
        let between = '';
        for (const { begin, end } of ranges) {
          expect(end).toBeGreaterThan(begin);
          between += text.slice(last, begin);
          last = end;
        }
        expect((between + text.slice(last)).trim()).toBe('');
      },
    ),
  );
});
