import { isUtf8, transcode } from 'node:buffer';

export const ENCODINGS = ['utf-8', 'windows-1251'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Part of a file as text; undefined where its bytes are none in this encoding. */
export type Decode = (bytes: Buffer, start: number, end: number) => string | undefined;

const REPLACEMENT = /\uFFFD/gu;
const NOT_ASCII = /[^\0-\x7f]/gu;

/**
 * Tells UTF-8 from Windows-1251 by the start of a file. Russian text of the second is broken at nearly every
 * letter when it is read as the first; a UTF-8 file with a few broken bytes stays UTF-8.
 */
export function detectEncoding(sample: Buffer): Encoding {
  const text = sample.toString('utf8');
  const broken = text.match(REPLACEMENT)?.length ?? 0;
  const others = text.match(NOT_ASCII)?.length ?? 0;
  // Of a character that the sample cuts, one replacement is left.
  return broken > 1 && broken * 2 > others ? 'windows-1251' : 'utf-8';
}

/** How to read text of this encoding. Quickest for one part of a block after the other. */
export function decoderOf(encoding: Encoding): Decode {
  if (encoding === 'utf-8') return utf8Decoder();
  const decoder = new TextDecoder(encoding);
  return (bytes, start, end) => decoder.decode(bytes.subarray(start, end));
}

/**
 * Decodes a block once and hands out slices: Node decodes 256 KB at once three times as quickly as a few hundred
 * bytes at a time. A block with a broken byte is decoded part by part.
 */
function utf8Decoder(): Decode {
  let block: Buffer | undefined;
  let whole: Buffer | undefined;
  let text = '';
  // The same place in both.
  let byte = 0;
  let unit = 0;

  return (bytes, start, end) => {
    if (bytes !== block) {
      block = bytes;
      whole = wholeCharacters(bytes);
      text = whole === undefined ? '' : transcode(whole, 'utf8', 'utf16le').toString('utf16le');
      byte = unit = 0;
    }
    if (whole === undefined || end > whole.length) return decodePart(bytes, start, end);
    // Back, too: the text may stand behind other wanted columns of its row.
    const from = start < byte ? unit - unitsIn(bytes, start, byte) : unit + unitsIn(bytes, byte, start);
    unit = from + unitsIn(bytes, start, end);
    byte = end;
    return text.slice(from, unit);
  };
}

/** A block without the character that its end cuts; undefined when it is not UTF-8. */
function wholeCharacters(bytes: Buffer): Buffer | undefined {
  if (isUtf8(bytes)) return bytes;
  // A lead byte may have up to three behind it.
  let end = bytes.length - 1;
  while (end > bytes.length - 3 && (bytes[end]! & 0xc0) === 0x80) end--;
  const whole = bytes.subarray(0, Math.max(end, 0));
  return isUtf8(whole) ? whole : undefined;
}

/** UTF-16 units that these bytes make, which are UTF-8. */
function unitsIn(bytes: Buffer, start: number, end: number): number {
  let units = 0;
  for (let at = start; at < end; units++) {
    const lead = bytes[at]!;
    if (lead < 0x80) at += 1;
    else if (lead < 0xe0) at += 2;
    else if (lead < 0xf0) at += 3;
    else {
      // A surrogate pair.
      at += 4;
      units++;
    }
  }
  return units;
}

function decodePart(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end);
  // A file may hold the replacement character itself.
  return text.includes('\uFFFD') && !isUtf8(bytes.subarray(start, end)) ? undefined : text;
}
