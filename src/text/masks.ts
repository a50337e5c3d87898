import { CYRILLIC, KIND } from './characters.js';
import type { Units } from './units.js';

const STAR = 0x2a;
const EXCLAMATION = 0x21;
const AT = 0x40;

/** Signs inside a Cyrillic word that stand for one letter, and those that hide one. */
const MASKS = new Map<number, number>([
  ...pairs('$с€е¥у₽р'),
  ...pairs('#*%*&*^*§*~*'),
  [AT, 0x430],
  [EXCLAMATION, 0x438],
]);
const NOT_WORDS = new Set(Array.from('бгдзлмнпртфхцчшщ', (letter) => letter.charCodeAt(0)));

export function isMask(code: number): boolean {
  // Spaces, full stops and commas, the usual ends of words, need no look-up.
  return code !== 0x20 && code !== 0x2e && code !== 0x2c && MASKS.has(code);
}

/**
 * The letter (or `*` for a hidden one) that the sign at `at` stands for between Cyrillic letters; 0 if it
 * is a sign after all.
 *
 * @param word what has been read of the word so far
 * @param codes the text, folded
 */
export function maskLetter(code: number, word: Units, codes: Uint16Array, at: number): number {
  const first = word.codes[0] ?? 0;
  if (code === EXCLAMATION) {
    // `п!здец`; but `да!нет` only lacks a space.
    return word.length === 1 && NOT_WORDS.has(first) && isCyrillic(codes[at + 2]) ? 0x438 : 0;
  }
  if (code === AT)
    return atSign(
      word.text(Math.max(0, word.length - 2)),
      String.fromCharCode(...codes.subarray(at + 1, at + 3)),
    );
  return isCyrillic(first) || word.length === 0 ? (MASKS.get(code) ?? STAR) : 0;
}

/**
 * Are the letters from `at` the end of a word that began with `first` and has dots in between, as in `п...ц`?
 * Not so in `н...нет` (stammered) and `к...тому` (`к` is a word).
 */
export function isHiddenRest(codes: Uint16Array, at: number, first: number): boolean {
  let end = at;
  while (end - at < 4 && isCyrillic(codes[end])) end += 1;
  return NOT_WORDS.has(first) && end > at && end - at < 4 && codes[at] !== first;
}

/** `@` is `а` by its shape (`п@дла`), except in the few stems where it only hides the vowel of an obscenity. */
function atSign(before: string, after: string): number {
  const pair = `${before}@${after}`;
  if (/^[^ ]?х@[йеёюяил]/.test(pair) || /^.?с@к/.test(pair)) return 0x443;
  if (pair.startsWith('бл@')) return 0x44f;
  return /п@(?:зд|д[оеиа]?р?)/.test(pair) && !/п@дл/.test(pair) ? 0x438 : 0x430;
}

function isCyrillic(code: number | undefined): boolean {
  return ((KIND[code ?? 0] ?? 0) & CYRILLIC) !== 0;
}

function pairs(text: string): [number, number][] {
  const result: [number, number][] = [];
  for (let at = 0; at < text.length; at += 2) result.push([text.charCodeAt(at), text.charCodeAt(at + 1)]);
  return result;
}
