import { COMPOUND, DROPPED, FOLD, foldRare } from './characters.js';
import type { Units } from './units.js';

const BREVE = 0x306;
const SHORT_I = 0x439;
const I = 0x438;

/**
 * Writes the plainest form of each character of `original` to `into`, with where it came from. What is
 * dropped (a mark, a zero-width character) belongs to the unit before it. The work for a character does
 * not depend on its neighbours, so a pile of combining marks costs no more than plain text; a whole-string
 * NFKC would sort such piles, which is not linear.
 */
export function fold(original: string, into: Units): void {
  into.clear();
  const length = original.length;
  into.reserve(length);
  for (let at = 0; at < length; at += 1) {
    const code = original.charCodeAt(at);
    const folded = FOLD[code] ?? DROPPED;
    if (folded === COMPOUND) at += foldCompound(original, at, into) - 1;
    else if (folded === DROPPED) dropUnit(code, at + 1, into);
    else into.push(folded, at, at + 1);
  }
  into.seal();
}

function dropUnit(code: number, end: number, into: Units): void {
  const last = into.length - 1;
  if (last < 0) return;
  // The one mark that makes another letter in Russian: и + breve, as decomposed by some keyboards and PDFs.
  if (code === BREVE && into.codes[last] === I && into.ends[last] === end - 1) into.codes[last] = SHORT_I;
  into.ends[last] = end;
}

/** Folds the code point at `at` and says how many units of the original it took. */
function foldCompound(original: string, at: number, into: Units): number {
  const point = original.codePointAt(at) ?? 0;
  const size = point > 0xffff ? 2 : 1;
  const plain = foldRare(point);
  if (plain === '') dropUnit(0, at + size, into);
  for (let unit = 0; unit < plain.length; unit += 1) into.push(plain.charCodeAt(unit), at, at + size);
  return size;
}
