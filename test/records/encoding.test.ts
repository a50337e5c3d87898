import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decoderOf } from '../../src/records/encoding.js';

/** One to four bytes of UTF-8 each, the byte order mark and the replacement character among them. */
const character = fc.constantFrom('a', ',', '\n', 'é', 'ж', '€', '\uFEFF', '\uFFFD', '😀');
const block = fc.array(character, { minLength: 1, maxLength: 40 });

/** The bounds of the characters of a block. */
function bounds(characters: readonly string[]): number[] {
  const result = [0];
  for (const each of characters) result.push(result.at(-1)! + Buffer.byteLength(each));
  return result;
}

describe('decoderOf utf-8', () => {
  it('decodes any part of any block, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(block, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 })), { maxLength: 4 }),
        (blocks) => {
          const decode = decoderOf('utf-8');
          for (const [characters, parts] of blocks) {
            const bytes = Buffer.from(characters.join(''));
            const at = bounds(characters);
            for (const part of parts) {
              const [from, to] = part.map((index) => index % at.length).toSorted((a, b) => a - b);
              expect(decode(bytes, at[from!]!, at[to!]!)).toBe(characters.slice(from, to).join(''));
            }
          }
        },
      ),
    );
  });

  it('decodes what is whole in a block that ends within a character, and not its end', () => {
    fc.assert(
      fc.property(block, fc.constantFrom('é', '€', '😀'), fc.nat(), (characters, last, cut) => {
        const whole = Buffer.from(characters.join(''));
        const rest = Buffer.from(last);
        const bytes = Buffer.concat([whole, rest.subarray(0, 1 + (cut % (rest.length - 1)))]);
        const decode = decoderOf('utf-8');
        expect(decode(bytes, 0, whole.length)).toBe(characters.join(''));
        expect(decode(bytes, 0, bytes.length)).toBeUndefined();
        expect(decode(bytes, whole.length, bytes.length)).toBeUndefined();
      }),
    );
  });

  it('decodes the sound parts of a block with a broken byte', () => {
    fc.assert(
      fc.property(block, block, fc.integer({ min: 0xf8, max: 0xff }), (before, after, broken) => {
        const parts = [Buffer.from(before.join('')), Buffer.of(broken), Buffer.from(after.join(''))];
        const bytes = Buffer.concat(parts);
        const start = bytes.length - parts[2]!.length;
        const decode = decoderOf('utf-8');
        expect(decode(bytes, 0, parts[0]!.length)).toBe(before.join(''));
        expect(decode(bytes, 0, start)).toBeUndefined();
        expect(decode(bytes, start, bytes.length)).toBe(after.join(''));
      }),
    );
  });
});
