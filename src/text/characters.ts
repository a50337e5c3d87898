/** What a character is and what it is folded to; tables over all UTF-16 units, built once when loaded. */

export const SPACE = 1;
export const CYRILLIC = 2;
export const LATIN = 4;
/** A letter of any other alphabet. */
export const FOREIGN = 8;
export const DIGIT = 16;
export const LETTER = CYRILLIC | LATIN | FOREIGN;
export const WORD = LETTER | DIGIT;

/** In `FOLD`: the unit vanishes. */
export const DROPPED = 0;
/** In `FOLD`: the unit needs `foldCodePoint` (a surrogate, or it folds to several units). */
export const COMPOUND = 0xffff;

const INVISIBLE = /[\p{Mn}\p{Me}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}\u2800]/gu;

/**
 * Characters with a fold of their own. Ukrainian and pre-reform letters become the nearest Russian ones:
 * the model reads Russian, and `дебіл` must not be a new word to it. `№` and `™` stay signs, because
 * NFKC's `No` and `TM` would grow into the word beside them.
 */
const OWN_FOLDS = new Map<string, string>([
  ['й', 'й'],
  ['Й', 'й'],
  ...pairs('іиІиїиЇиєеЄеґгҐгѣеѢеѳфѲфѵиѴи'),
  ...pairs('№№™™℠℠'),
  ...pairs('\n\n\r\n\v\n\f\n\u0085\n\u2028\n\u2029\n\t '),
  ...pairs("«\"»\"“\"”\"„\"‟\"″\"‹'›'‘'’'‚'‛'`'´'ʼ'ʹ'"),
  ...pairs('−-∗*⁎*✱*✲*★*☆*⋆*٭*'),
]);

function pairs(text: string): [string, string][] {
  const units = Array.from(text);
  return units.flatMap((unit, at) => (at % 2 === 0 ? [[unit, units[at + 1] ?? ''] as [string, string]] : []));
}

/** Most letters one character may stand for: a text must not grow many times longer. */
const MOST_PARTS = 6;

/**
 * One code point in its plainest form: Unicode NFKC, lower case, without marks (accents, `ё` → `е`; `й`
 * stays) and nothing if it is invisible. Of a character that stands for several (`⒜`, `㎡`) the letters
 * and digits are kept, so that it cannot fall apart into several tokens.
 */
export function foldCodePoint(character: string): string {
  const own = OWN_FOLDS.get(character);
  if (own !== undefined) return own;
  if (/\p{White_Space}/u.test(character)) return ' ';
  if (/\p{Pd}/u.test(character)) return '-';
  const plain = character
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(INVISIBLE, '')
    .normalize('NFC');
  if (plain.length <= 1 || plain === character) return /^\s$/.test(plain) ? ' ' : plain;
  const parts = plain.replace(/[^\p{L}\p{Mc}\p{Nd}]/gu, '');
  // A fraction (`½`) and a whole phrase in one character (`ﷺ`) stay signs.
  if (plain.includes('\u2044') || plain.length > MOST_PARTS) return character;
  return parts === '' ? plain.replace(/\s/g, '') : parts;
}

function kindOf(character: string): number {
  if (character === ' ' || character === '\n') return SPACE;
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (!/[\p{L}\p{Mc}]/u.test(character)) return 0;
  if (/\p{Script=Cyrillic}/u.test(character)) return CYRILLIC;
  return /\p{Script=Latin}/u.test(character) ? LATIN : FOREIGN;
}

/** Kind of each folded unit: one of the flags above, 0 for a sign. */
export const KIND = new Uint8Array(0x10000);
/** What each unit of a text folds to: a unit, `DROPPED` or `COMPOUND`. */
export const FOLD = new Uint16Array(0x10000);

for (let code = 0; code < 0x10000; code += 1) {
  // Ideographs, Hangul syllables and the private use area are as they are: most of the table, and quick.
  const ideograph = (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4);
  if (ideograph || (code >= 0xe000 && code < 0xf900)) {
    FOLD[code] = code;
    if (ideograph) KIND[code] = FOREIGN;
    continue;
  }
  if (code >= 0xd800 && code < 0xe000) {
    FOLD[code] = COMPOUND;
    continue;
  }
  const character = String.fromCharCode(code);
  const folded = foldCodePoint(character);
  FOLD[code] = folded.length > 1 ? COMPOUND : folded === '' ? DROPPED : folded.charCodeAt(0);
  KIND[code] = kindOf(character);
}
