import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunks } from '../../playground/chunks.js';
import { commentColumn, decode, delimiterOf, parseCsv, toCsv } from '../../playground/csv.js';

describe('CSV', () => {
  test('comes back as it went, whatever the fields hold', () => {
    const field = fc.string({ unit: fc.constantFrom('а', 'b', '"', ',', ';', '\n', '\r', ' ', '😀') });
    // A single empty field alone on its line is a line without anything.
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }));
    fc.assert(
      fc.property(rows, (given) => {
        expect(parseCsv(toCsv(given).slice(1), ',')).toEqual(given);
      }),
    );
  });

  test.each([
    ['a,b\n1;2,3', ','],
    ['a;b;c,d\n', ';'],
    ['a\tb', '\t'],
    ['a', ','],
  ])('%j is delimited by %j', (text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });

  test('is read with any line end, blank lines, and a quote that is never closed', () => {
    expect(parseCsv('a,b\r\n\r\n1,"x ""y""\n z"\n2,', ',')).toEqual([
      ['a', 'b'],
      ['1', 'x "y"\n z'],
      ['2', ''],
    ]);
    expect(parseCsv('a,"b\n c', ',')).toEqual([['a', 'b\n c']]);
    expect(parseCsv('', ',')).toEqual([]);
  });

  test('has its comments where a name says so, else where most text is', () => {
    expect(
      commentColumn([
        ['id', 'Комментарий'],
        ['1', 'а'],
      ]),
    ).toEqual({ column: 1, hasHeader: true });
    expect(
      commentColumn([
        ['1', 'Привет всем', 'да'],
        ['2', 'И тебе', 'нет'],
      ]),
    ).toEqual({
      column: 1,
      hasHeader: false,
    });
    expect(commentColumn([])).toEqual({ column: 0, hasHeader: false });
  });

  test('is UTF-8, or else Windows-1251', () => {
    const bytes = (...codes: number[]) => new Uint8Array(codes).buffer;
    expect(decode(bytes(0xd0, 0xb4, 0xd0, 0xb0))).toBe('да');
    expect(decode(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('a');
    expect(decode(bytes(0xe4, 0xe0))).toBe('да');
  });
});

describe('chunks', () => {
  const limits = { max_texts: 3, max_text_chars: 10, max_body_bytes: 150 };

  test('keep to every limit of the server, and leave out only what it would refuse', () => {
    const texts = fc.array(
      fc.string({ unit: fc.constantFrom('а', 'b', '"', ' ', '😀', '\n'), maxLength: 14 }),
    );
    fc.assert(
      fc.property(texts, (given) => {
        const result = chunks(given, limits);
        for (const part of result) {
          const body = JSON.stringify({ texts: part.map((index) => given[index]!), threshold: 0.123456789 });
          expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(limits.max_body_bytes);
          expect(part.length).toBeLessThanOrEqual(limits.max_texts);
          expect(part.length).toBeGreaterThan(0);
        }
        const fits = (text: string) =>
          /\S/.test(text) &&
          Array.from(text).length <= limits.max_text_chars &&
          new TextEncoder().encode(JSON.stringify(text)).length < 50;
        expect(result.flat()).toEqual(given.flatMap((text, index) => (fits(text) ? [index] : [])));
      }),
    );
  });
});
