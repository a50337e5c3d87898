import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RutoxError } from '../../../src/errors.js';
import { float32, MAX_RANK, textsOfBinary, textsOfJson } from '../../../src/http/oip/tensors.js';
import { bytesTensor } from './wire.js';

const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 });

describe('a binary tensor', () => {
  test('the worked example of the protocol', () => {
    const bytes = Buffer.from([0x0c, 0, 0, 0, ...Buffer.from('привет')]);
    expect(textsOfBinary(bytes, 1)).toEqual(['привет']);
  });

  test('gives back the strings that were laid into it', () => {
    fc.assert(
      fc.property(texts, (strings) => {
        expect(textsOfBinary(bytesTensor(strings), strings.length)).toEqual(strings);
      }),
    );
  });

  test('of any other bytes or count is refused, never misread', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(4), (array, count) => {
        const bytes = Buffer.from(array);
        let read: string[];
        try {
          read = textsOfBinary(bytes, count);
        } catch (error) {
          expect(error).toBeInstanceOf(RutoxError);
          expect((error as RutoxError).kind).toBe('invalid_request');
          return;
        }
        expect(bytesTensor(read)).toEqual(bytes);
        expect(read).toHaveLength(count);
      }),
    );
  });

  test.each([
    ['too few', bytesTensor(['а']), 2, 'the shape says 2 elements, its binary data has 1'],
    ['too many', bytesTensor(['а', 'б']), 1, 'the shape says 1 element, its binary data has more'],
    [
      'cut in a length',
      bytesTensor(['а', 'б']).subarray(0, 8),
      2,
      'element 1 of its binary data goes beyond',
    ],
    ['cut in a text', bytesTensor(['а', 'б']).subarray(0, -1), 2, 'element 1 of its binary data goes beyond'],
    [
      'an endless length',
      Buffer.from([255, 255, 255, 255, 1]),
      1,
      'element 0 of its binary data goes beyond',
    ],
    ['no UTF-8', Buffer.from([1, 0, 0, 0, 0xff]), 1, 'element 0 of its binary data is not valid UTF-8'],
  ])('%s', (_name, bytes, count, message) => {
    expect(() => textsOfBinary(bytes, count)).toThrow(message);
  });
});

describe('a JSON tensor', () => {
  test.each([[['а', 'б']], [[['а'], ['б']]], [[['а', 'б']]], [[[], ['а'], [['б']]]]])(
    'flat or nested, is read in row-major order: %j',
    (data) => {
      expect(textsOfJson(data, 2)).toEqual(['а', 'б']);
    },
  );

  const deep = (levels: number): unknown[] => (levels === 1 ? ['а'] : [deep(levels - 1)]);

  test.each<[unknown[], string]>([
    [['а'], 'the shape says 2 elements, data has 1'],
    [['а', 'б', 'в'], 'the shape says 2 elements, data has more'],
    [['а', 1], 'data must hold strings'],
    [['а', null], 'data must hold strings'],
    [[{}], 'data must hold strings'],
    [deep(MAX_RANK + 1), 'data is nested more than 8 deep'],
  ])('%j is refused', (data, message) => {
    expect(() => textsOfJson(data, 2)).toThrow(message);
  });

  test('may be nested as deep as a shape can say', () => {
    expect(textsOfJson(deep(MAX_RANK), 1)).toEqual(['а']);
  });
});

test('scores are laid out as 32-bit floats, little-endian', () => {
  expect([...float32([0.5, 1])]).toEqual([0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f]);
});
