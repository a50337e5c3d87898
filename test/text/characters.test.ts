import { describe, expect, it } from '@jest/globals';
import { CYRILLIC, DIGIT, FOREIGN, KIND, LATIN, SPACE } from '../../src/text/characters.js';
import { fold } from '../../src/text/fold.js';
import { Units } from '../../src/text/units.js';

const units = new Units();

/** What a character folds to between two letters, and of what kind each unit of that is. */
function reading(point: number): string {
  fold(`а${String.fromCodePoint(point)}z`, units);
  return Array.from({ length: units.length }, (_, at) => {
    const code = units.codes[at]!;
    return `${code}:${KIND[code]}:${units.ends[at]}`;
  }).join(' ');
}

describe('characters', () => {
  it('are read alike whenever they come, the first time or a later one, every one of the first three planes', () => {
    const all = Array.from({ length: 0x3_0000 }, (_, point) => point);
    const first = all.map(reading);
    // The last first: some fold to others that were met before them.
    const later = all.toReversed().map(reading).toReversed();
    const changed = all.filter((point) => first[point] !== later[point]);
    expect(changed).toEqual([]);
  });

  it.each([
    ['ж', CYRILLIC],
    ['ѯ', CYRILLIC],
    ['ꙗ', CYRILLIC],
    ['z', LATIN],
    ['ȺꞫ', LATIN],
    ['ש漢한', FOREIGN],
    ['7٣', DIGIT],
    ['\u2003\t\n', SPACE],
    ['!😂䷀', 0],
  ])('%j are of one kind', (characters, kind) => {
    fold(characters, units);
    expect(Array.from({ length: units.length }, (_, at) => KIND[units.codes[at]!])).toEqual(
      Array.from({ length: units.length }, () => kind),
    );
  });
});
