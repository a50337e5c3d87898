import { isUtf8 } from 'node:buffer';
import { RutoxError } from '../../errors.js';

/** Dimensions that a tensor may have. */
export const MAX_RANK = 8;

/** Bytes of the length that stands before each element of a BYTES tensor. */
const LENGTH_BYTES = 4;

/**
 * The strings of a JSON tensor, flat or nested, in row-major order.
 * @throws RutoxError `invalid_request` when there are not `count` of them, or anything else
 */
export function textsOfJson(data: readonly unknown[], count: number): string[] {
  const texts: string[] = [];
  collect(data, 1);
  if (texts.length < count) throw wrongCount(count, `data has ${texts.length}`);
  return texts;

  function collect(items: readonly unknown[], depth: number): void {
    if (depth > MAX_RANK) throw wrong(`data is nested more than ${MAX_RANK} deep`);
    for (const item of items) {
      if (Array.isArray(item)) {
        collect(item, depth + 1);
      } else if (typeof item !== 'string') {
        throw wrong('data must hold strings; BYTES that are no UTF-8 cannot be comments');
      } else if (texts.length === count) {
        throw wrongCount(count, 'data has more');
      } else {
        texts.push(item);
      }
    }
  }
}

/**
 * The strings of a binary tensor: each its length in bytes, as a 32-bit little-endian number, and its UTF-8.
 * @throws RutoxError `invalid_request` when there are not `count` of them, or anything else
 */
export function textsOfBinary(bytes: Buffer, count: number): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (texts.length === count) throw wrongCount(count, 'its binary data has more');
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt32LE(at) : Infinity;
    if (end > bytes.length) {
      const rule = 'each element is its length (4 bytes, little-endian) and as many bytes of UTF-8';
      throw wrong(`element ${texts.length} of its binary data goes beyond the end; ${rule}`);
    }
    texts.push(textOf(bytes.subarray(start, end), `element ${texts.length} of its binary data`));
    at = end;
  }
  if (texts.length < count) throw wrongCount(count, `its binary data has ${texts.length}`);
  return texts;
}

/** @throws RutoxError `invalid_request` when the bytes are not UTF-8 */
export function textOf(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw wrong(`${what} is not valid UTF-8`);
  return bytes.toString('utf8');
}

/** FP32 elements, little-endian. */
export function float32(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

function wrongCount(count: number, found: string): RutoxError {
  return wrong(`the shape says ${count === 1 ? '1 element' : `${count} elements`}, ${found}`);
}

function wrong(what: string): RutoxError {
  return new RutoxError('invalid_request', `Input text: ${what}.`);
}
