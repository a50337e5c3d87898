import { CYRILLIC, DIGIT, FOREIGN, KIND, LATIN } from './characters.js';
import type { Units } from './units.js';

/**
 * Signs and letters that stand for a Cyrillic letter by their shape. The idea is that of the confusables
 * of Unicode Technical Standard 39; the selection here is by what people really type for each other.
 */
const SAME_SHAPE = table('aаeеoоcсpрxхyуαаεеοоρрсcχхυуκкτтɑаᴀаʙвᴇеʜнᴋкᴍмᴏоᴘрᴛтʏуᴄс');
/** Alike in upper case only: `B` is `В`, but `b` is rather `ь`. */
const SAME_SHAPE_UPPER = table('bвhнkкmмtтβвηнμмνн');
/** Alike from afar, or by sound. Believed only in a word that is clearly disguised. */
const SIMILAR = table('bбhнkкmмtтuиnпrгiиlлdдgдsсzзvвwшfфjйıиɪиɯшπпλлδдγгφфιиμмνвηнβв');
const SIMILAR_UPPER = table('rяnи');
const DIGITS = table('0о1и3з4ч6б8в9я');
/** Cyrillic letters that stand in a Latin word: `моdеrator`. */
const LATIN_SHAPE = table('аaвbеeкkмmнhоoрpсcтtуyхx');

const VOWELS = codesOf('аеиоуыюя');
const CONSONANTS = codesOf('бвгджзклмнпрстфхцчшщ');
const SOFT_SIGN = 0x44c;
const STAR = 0x2a;
const ORDINAL_ENDINGS = new Set(['его', 'ему', 'ого', 'ому', 'ими', 'ыми', 'ией']);
const SPELLED_SOUNDS = /^(?:6л[яи]|4то|3ло|3а[^\d]{2})/;

/** Longest block of Latin letters inside Cyrillic ones that is taken for a disguise, not for a name. */
const LONGEST_BLOCK = 3;

/**
 * Turns look-alikes in the word `word` back in place: Latin and Greek letters and digits among Cyrillic
 * letters (`xуй`, `дe6ил`, `3аткнись`), and Cyrillic letters in a Latin word. Words that mix alphabets in
 * earnest (`iPhone`, `PDFка`, `10й`, `ми6`) stay as they are.
 *
 * @param isUpper says whether the unit at that index was an upper-case letter before folding
 */
export function repairLookalikes(word: Units, isUpper: (index: number) => boolean): void {
  const { codes, length } = word;
  let cyrillic = 0;
  let latin = 0;
  let digits = 0;
  for (let at = 0; at < length; at += 1) {
    const kind = KIND[codes[at] ?? 0] ?? 0;
    if ((kind & CYRILLIC) !== 0) cyrillic += 1;
    else if ((kind & (LATIN | FOREIGN)) !== 0) latin += 1;
    else if ((kind & DIGIT) !== 0) digits += 1;
  }
  if (cyrillic === 0) return;
  if (latin > 0) {
    if (isDisguised(word, cyrillic, latin, isUpper)) toCyrillic(word, isUpper);
    else {
      if (latin >= cyrillic) toLatin(word);
      return;
    }
  }
  if (digits > 0) digitsToLetters(word);
}

function isDisguised(
  word: Units,
  cyrillic: number,
  latin: number,
  isUpper: (index: number) => boolean,
): boolean {
  let same = 0;
  let similar = 0;
  let borders = 0;
  let block = 0;
  let longestBlock = 0;
  let before = 0;
  for (let at = 0; at < word.length; at += 1) {
    const code = word.codes[at] ?? 0;
    const alphabet = (KIND[code] ?? 0) & (CYRILLIC | LATIN | FOREIGN);
    if (alphabet === 0) continue;
    if (before !== 0 && alphabet !== before) borders += 1;
    before = alphabet;
    block = alphabet === CYRILLIC ? 0 : block + 1;
    longestBlock = Math.max(longestBlock, block);
    if (alphabet === CYRILLIC) continue;
    if (SAME_SHAPE.has(code) || (isUpper(at) && SAME_SHAPE_UPPER.has(code))) same += 1;
    else if (SIMILAR.has(code)) similar += 1;
  }
  if (same === latin) return true;
  if (same + similar < latin || longestBlock > LONGEST_BLOCK) return false;
  return borders > 1 || (latin === 1 && cyrillic > 1);
}

function toCyrillic(word: Units, isUpper: (index: number) => boolean): void {
  const { codes, length } = word;
  for (let at = 0; at < length; at += 1) {
    const code = codes[at] ?? 0;
    if (((KIND[code] ?? 0) & (LATIN | FOREIGN)) === 0) continue;
    const upper = isUpper(at) ? (SAME_SHAPE_UPPER.get(code) ?? SIMILAR_UPPER.get(code)) : undefined;
    let letter = upper ?? SAME_SHAPE.get(code) ?? SIMILAR.get(code) ?? code;
    // `b` is `ь` by its shape after a consonant (`блядb`), else `б` by its sound.
    if (code === 0x62 && upper === undefined && CONSONANTS.has(codes[at - 1] ?? 0) && at > 0)
      letter = SOFT_SIGN;
    // `u` looks like `и`, but `хuй` is meant by its sound.
    if (code === 0x75 && at > 0 && codes[at - 1] === 0x445) letter = 0x443;
    codes[at] = letter;
  }
}

function toLatin(word: Units): void {
  const { codes, length } = word;
  for (let at = 0; at < length; at += 1) {
    const code = codes[at] ?? 0;
    if (((KIND[code] ?? 0) & CYRILLIC) !== 0 && !LATIN_SHAPE.has(code)) return;
  }
  for (let at = 0; at < length; at += 1) codes[at] = LATIN_SHAPE.get(codes[at] ?? 0) ?? codes[at] ?? 0;
}

function digitsToLetters(word: Units): void {
  const { codes, length } = word;
  for (let at = 0; at < length; at += 1) {
    const code = codes[at] ?? 0;
    const letter = DIGITS.get(code);
    if (letter === undefined) continue;
    const before = at > 0 && isLetter(codes[at - 1]);
    const after = at + 1 < length && isLetter(codes[at + 1]);
    if (before && after ? length > 3 : after ? at === 0 && startsDisguised(word) : endsDisguised(word, at)) {
      codes[at] = letter;
    }
  }
}

/** `3аткнись`, `6лядь`, `4то`, but not `3го`, `6лет`, `4часа`: before a number's unit stands no vowel. */
function startsDisguised(word: Units): boolean {
  const { codes, length } = word;
  const first = codes[0];
  if (first !== 0x30 && first !== 0x33 && first !== 0x34 && first !== 0x36) return false;
  const start = word.text(0, Math.min(length, 5));
  if (SPELLED_SOUNDS.test(start)) return true;
  if (length === 4 && ORDINAL_ENDINGS.has(start.slice(1))) return false;
  return length > 3 && VOWELS.has(codes[1] ?? 0) && isLetter(codes[2]) && isLetter(codes[3]);
}

/** A final `0` is `о`: `хуйл0`. Other digits at the end count something: `ми6`, `теле2`. */
function endsDisguised(word: Units, at: number): boolean {
  return at === word.length - 1 && at > 2 && word.codes[at] === 0x30 && isLetter(word.codes[at - 1]);
}

function isLetter(code: number | undefined): boolean {
  return code === STAR || ((KIND[code ?? 0] ?? 0) & CYRILLIC) !== 0;
}

function table(pairs: string): Map<number, number> {
  const result = new Map<number, number>();
  for (let at = 0; at < pairs.length; at += 2) result.set(pairs.charCodeAt(at), pairs.charCodeAt(at + 1));
  return result;
}

function codesOf(letters: string): Set<number> {
  return new Set(Array.from(letters, (letter) => letter.charCodeAt(0)));
}
