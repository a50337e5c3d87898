import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { detectEncoding } from '../../src/records/encoding.js';
import { openRecords } from '../../src/records/open-records.js';
import type { Format, InputRecord } from '../../src/records/record.js';
import { rowFormatOf } from '../../src/records/rows.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-records-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(
  content: string | Buffer,
  format: Format = 'csv',
  columns: readonly string[] = ['comment'],
) {
  const path = join(folder, 'input');
  writeFileSync(path, content);
  const records = await openRecords(path, { format, columns: () => columns });
  const all: InputRecord[] = [];
  for await (const block of records.blocks()) for (const record of block) all.push(record);
  records.close();
  return { records, all };
}

const values = ({ all }: { all: InputRecord[] }) => all.map((record) => record.values[0]);
const errors = ({ all }: { all: InputRecord[] }) =>
  all.flatMap(({ line, error }) => (error === undefined ? [] : [[line, error]]));

const cell = fc.stringMatching(/^[ a-zа-яё,;"\t\n'😀]{0,12}$/u);
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('CSV', () => {
  it('reads what csv-parse reads, whatever the fields hold', async () => {
    const table = fc.array(fc.tuple(cell, cell, fc.boolean()), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (rows, end, isEnded) => {
        const lines = rows.map(([text, other, bare]) => {
          const isPlain = bare && !/["\n,]/.test(text) && text !== '';
          return `${isPlain ? text : quoted(text)},${quoted(other)}`;
        });
        const csv = ['comment,other', ...lines].join(end) + (isEnded ? end : '');
        const expected = parse(csv, { columns: true, skip_empty_lines: true }) as { comment: string }[];
        const found = await read(csv);
        expect(errors(found)).toEqual([]);
        expect(values(found)).toEqual(expected.map(({ comment }) => comment));
      }),
      { numRuns: 200 },
    );
  });

  it('finds the same records whatever the pieces it comes in', async () => {
    const row = `"${'длинный ""текст""\n'.repeat(900)}",1\r\nкороткий,2\r\n`;
    const csv = `comment,n\r\n${row.repeat(40)}`;
    expect(Buffer.byteLength(csv)).toBeGreaterThan(3 * (1 << 18));
    const found = await read(csv);
    expect(errors(found)).toEqual([]);
    const expected = parse(csv, { columns: true }) as { comment: string }[];
    expect(values(found)).toEqual(expected.map(({ comment }) => comment));
    expect(found.all.at(-1)!.line).toBe(1 + 40 * 902);
  });

  it('tells bad rows by their line, and goes on behind them', async () => {
    const found = await read(
      'comment,n\nда,1\n"x" y,2\nодно\n"две\nстроки",3,4\n"не закрыта,5\nнет,6\n\n"",7\n',
    );
    expect(errors(found)).toEqual([
      [3, 'a quote is closed in the middle of a field'],
      [4, '1 field(s) where the header has 2'],
      [5, '3 field(s) where the header has 2'],
      [7, 'a quote is not closed'],
    ]);
    expect(values(found).filter((value) => value !== undefined)).toEqual(['да', 'нет', '']);
    expect(found.all.at(-1)!.line).toBe(10);
  });

  it('takes the row of a quote that nobody closes, and not the rest of the file', async () => {
    const found = await read(`comment,n\n"открыта,1\n${'строка,2\n'.repeat(200_000)}`);
    expect(errors(found)).toEqual([[2, 'a quote is not closed']]);
    expect(found.all.length).toBe(200_001);
  });

  it('has semicolons as Excel writes them in Russian, tabs, a mark and Windows-1251', async () => {
    expect(values(await read('n;comment\r\n1;"а;б"\r\n'))).toEqual(['а;б']);
    expect(values(await read('n\tcomment\n1\tа,б\n', 'tsv'))).toEqual(['а,б']);
    expect(values(await read('\uFEFFcomment\nда\n'))).toEqual(['да']);
    // "комментарий;n", "привет;1" in Windows-1251.
    const bytes = Buffer.from('eaeeecece5edf2e0f0e8e93b6e0aeff0e8e2e5f23b310a', 'hex');
    const found = await read(bytes, 'csv', ['комментарий']);
    expect(found.records.encoding).toBe('windows-1251');
    expect(values(found)).toEqual(['привет']);
  });

  it('says which bytes are no UTF-8', async () => {
    const found = await read(Buffer.concat([Buffer.from('comment\nпривет\n'), Buffer.from([0xff, 0x0a])]));
    expect(errors(found)).toEqual([[3, 'not valid UTF-8']]);
    expect(found.records.encoding).toBe('utf-8');
  });

  it.each<[string, string, string]>([
    ['an empty file', '', 'no header line'],
    ['another header', 'id,text\n', 'no column "comment"; its columns: id, text'],
    ['UTF-16', '\uFEFFcomment\n', 'is UTF-16; save it as UTF-8'],
  ])('refuses %s', async (name, content, message) => {
    const bytes = name === 'UTF-16' ? Buffer.from(content, 'utf16le') : content;
    await expect(read(bytes)).rejects.toThrow(message);
  });
});

describe('JSON lines and lines of text', () => {
  it('skip blank JSON lines, keep blank lines of text', async () => {
    expect(values(await read('{"comment":"а"}\r\n\r\n{"comment":"б"}', 'jsonl'))).toEqual(['а', 'б']);
    expect(values(await read('а\n\nб\r\n', 'lines'))).toEqual(['а', '', 'б']);
  });

  it('tell bad lines', async () => {
    const found = await read('[]\n{"comment":1}\nnot\n{"comment":"да"}\n', 'jsonl');
    expect(errors(found)).toEqual([
      [1, 'not a JSON object'],
      [2, 'no text in the field "comment"'],
      [3, 'not JSON'],
    ]);
    expect(values(found).at(-1)).toBe('да');
  });
});

describe('rows with verdicts', () => {
  /** What `rutox classify` would write with the score 0.5 for all. */
  async function written(content: string | Buffer, format: Format): Promise<Buffer> {
    const { records, all } = await read(content, format);
    const rows = rowFormatOf(records);
    const lines = all.map((record) => {
      const { before, after } = rows.parts(record);
      return before + (record.error === undefined ? rows.verdict(0.5, true) : rows.noVerdict) + after;
    });
    return Buffer.from(rows.head + lines.join(''), 'latin1');
  }

  it('of a CSV are a CSV with the rows of the input, bad ones included', async () => {
    const line = fc.oneof(
      fc.tuple(cell, cell).map(([a, b]) => `${quoted(a)},${quoted(b)}`),
      fc.stringMatching(/^[a-zа-я,"]{1,12}$/u),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
        const csv = `n,comment\n${lines.map((each) => `${each}\n`).join('')}`;
        const { all } = await read(csv);
        const output = parse(await written(csv, 'csv'), {
          columns: true,
          relax_quotes: true,
        }) as Record<string, string>[];
        expect(output.length).toBe(all.length);
        output.forEach((row, index) => {
          const {
            error,
            raw,
            values: [text],
          } = all[index]!;
          const asText = Buffer.from(raw, 'latin1').toString();
          expect(row).toEqual(
            error === undefined
              ? { n: row['n'], comment: text, toxic_score: '0.5', is_toxic: 'true' }
              : { n: '', comment: asText, toxic_score: '', is_toxic: '' },
          );
        });
      }),
      { numRuns: 200 },
    );
  });

  it('keep mark, line endings, quotes and bytes that are no text', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\uFEFFcomment;"n"\r\n"а";1\r\n'),
      Buffer.from([0xff, 0x3b, 0x32]),
    ]);
    expect((await written(bytes, 'csv')).toString('latin1')).toBe(
      Buffer.from('\uFEFFcomment;"n";toxic_score;is_toxic\r\n"а";1;0.5;true\r\n').toString('latin1') +
        '"\xff;2";;;\n',
    );
  });

  it('of JSON lines are the same objects', async () => {
    const output = await written('{"comment":"а"}\n{}\n{ "comment" : "б", "is_toxic":3 }\nnot\n', 'jsonl');
    expect(
      output
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { comment: 'а', toxic_score: 0.5, is_toxic: true },
      { toxic_score: null, is_toxic: null },
      { comment: 'б', toxic_score: 0.5, is_toxic: true },
      { comment: 'not', toxic_score: null, is_toxic: null },
    ]);
  });

  it('of lines have the verdict first', async () => {
    expect((await written('а\tб\n\n', 'lines')).toString()).toBe('0.5\ttrue\tа\tб\n0.5\ttrue\t\n');
  });

  it('are refused when the input has verdicts already', async () => {
    await expect(written('comment,is_toxic\n', 'csv')).rejects.toThrow('has a column "is_toxic" already');
  });
});

describe('the encoding of a file', () => {
  const cp1251 = (text: string) =>
    Buffer.from(
      text.replaceAll(/[а-я]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x350)),
      'latin1',
    );

  it('is told by its start for any Russian text', () => {
    const text = fc.stringMatching(/^[а-я ]{8,60}$/u).filter((each) => /[а-я]{3}/.test(each));
    fc.assert(
      fc.property(text, (each) => {
        expect(detectEncoding(Buffer.from(each))).toBe('utf-8');
        expect(detectEncoding(Buffer.from(each).subarray(0, -1))).toBe('utf-8');
        expect(detectEncoding(cp1251(each))).toBe('windows-1251');
      }),
    );
  });
});
