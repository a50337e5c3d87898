/** What a character is and what it is folded to: tables over all UTF-16 units, filled as the characters come. */

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
/** In `FOLD`: ask `foldRare` (a surrogate, a unit that folds to several, or one that has not come yet). */
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
export const FOLD = new Uint16Array(0x10000).fill(COMPOUND);

/** Latin and Cyrillic: whatever the pipeline itself writes (a look-alike's letter, `й`) is among them. */
const COMMON_END = 0x530;

// All others would take five times as long, 60 ms more in the start of each thread, and a text may never hold them.
for (let code = 0; code < COMMON_END; code += 1) learn(String.fromCharCode(code));

/** What code points over 0xffff, and units that fold to several, were found to fold to. */
const compounds = new Map<number, string>();
/** No text may fill the memory. */
const MOST_COMPOUNDS = 4096;

/** What a code point folds to that `FOLD` calls `COMPOUND`, by `foldCodePoint`; the tables know it from then on. */
export function foldRare(point: number): string {
  const known = compounds.get(point);
  if (known !== undefined) return known;
  // A lone surrogate stands for no character.
  if (point >= 0xd800 && point < 0xe000) return '';
  const character = String.fromCodePoint(point);
  const plain = learn(character);
  const isInTable = character.length === 1 && FOLD[point] !== COMPOUND;
  if (!isInTable && compounds.size < MOST_COMPOUNDS) compounds.set(point, plain);
  return plain;
}

function learn(character: string): string {
  const plain = foldCodePoint(character);
  for (const unit of plain) if (unit.length === 1) KIND[unit.charCodeAt(0)] = kindOf(unit);
  if (character.length === 1 && plain.length <= 1)
    FOLD[character.charCodeAt(0)] = plain === '' ? DROPPED : plain.charCodeAt(0);
  return plain;
}
