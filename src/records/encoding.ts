import { isUtf8 } from 'node:buffer';

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

/** How to read text of this encoding. */
export function decoderOf(encoding: Encoding): Decode {
  if (encoding === 'utf-8') return decodeUtf8;
  const decoder = new TextDecoder(encoding);
  return (bytes, start, end) => decoder.decode(bytes.subarray(start, end));
}

function decodeUtf8(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end);
  // A file may hold the replacement character itself.
  return text.includes('\uFFFD') && !isUtf8(bytes.subarray(start, end)) ? undefined : text;
}
