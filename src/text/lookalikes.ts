import { CYRILLIC, FOREIGN, KIND, LATIN } from './characters.js';
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
const SIMILAR_UPPER = table('rрnн');
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
  const count = countAlphabets(word, isUpper);
  if (count.cyrillic === 0) return;
  if (isDisguised(count)) toCyrillic(word, isUpper);
  else if (isLatinAtHeart(count)) return toLatin(word);
  else if (count.other > 0) return;
  digitsToLetters(word);
}

/** How the alphabets mix in a word. `other` letters are those that are not Cyrillic. */
interface Alphabets {
  cyrillic: number;
  other: number;
  /** Of the others: letters that have the shape of a Cyrillic one, and those that are at least alike. */
  same: number;
  similar: number;
  /** Changes from one alphabet to another. */
  borders: number;
  longestBlock: number;
  startsCyrillic: boolean;
}

function countAlphabets(word: Units, isUpper: (index: number) => boolean): Alphabets {
  const count = {
    cyrillic: 0,
    other: 0,
    same: 0,
    similar: 0,
    borders: 0,
    longestBlock: 0,
    startsCyrillic: false,
  };
  let block = 0;
  let before = 0;
  for (let at = 0; at < word.length; at += 1) {
    const code = word.codes[at] ?? 0;
    const alphabet = (KIND[code] ?? 0) & (CYRILLIC | LATIN | FOREIGN);
    if (alphabet === 0) continue;
    if (before === 0) count.startsCyrillic = alphabet === CYRILLIC;
    else if (alphabet !== before) count.borders += 1;
    before = alphabet;
    block = alphabet === CYRILLIC ? 0 : block + 1;
    if (block > count.longestBlock) count.longestBlock = block;
    if (alphabet === CYRILLIC) {
      count.cyrillic += 1;
      continue;
    }
    count.other += 1;
    if (SAME_SHAPE.has(code) || (isUpper(at) && SAME_SHAPE_UPPER.has(code))) count.same += 1;
    else if (SIMILAR.has(code)) count.similar += 1;
  }
  return count;
}

/**
 * Cyrillic with look-alikes in it: all foreign letters have Cyrillic shapes (`xyй`), or they are alike and
 * scattered (`пuдop`) or a single one (`nидор`). One longer Latin part (`ITшник`, `iPhoneом`) is a name.
 */
function isDisguised({ cyrillic, other, same, similar, borders, longestBlock }: Alphabets): boolean {
  if (same === other) return other > 0;
  if (same + similar < other || longestBlock > LONGEST_BLOCK) return false;
  return borders > 1 || (other === 1 && cyrillic > 1);
}

/** A Latin word with Cyrillic letters in or before it (`modеrator`, `Сhina`); one behind it (`HRа`) is an ending. */
function isLatinAtHeart({ cyrillic, other, borders, startsCyrillic }: Alphabets): boolean {
  return other >= cyrillic && (borders > 1 || (startsCyrillic && cyrillic === 1));
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
    // `r` looks like a handwritten `г` (`rовно`), but inside a word it is rather meant by its sound.
    if (code === 0x72 && at > 0) letter = 0x440;
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
