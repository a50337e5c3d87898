import { decoderOf } from './encoding.js';
import { CommandError, type InputRecord } from './record.js';
import type { Records } from './open-records.js';

/** A row of the output around its verdict, one character a byte. */
export interface RowParts {
  readonly before: string;
  readonly after: string;
}

/** A part of the text that speaks for its score, in UTF-16 units, and its share of it. */
export interface RowSpan {
  readonly begin: number;
  readonly end: number;
  readonly contribution: number;
}

/** How a file with verdicts is written: the input's own bytes and, for each record, two values more. */
export interface RowFormat {
  /** Stands before the first row. */
  readonly head: string;
  parts(record: InputRecord): RowParts;
  /** @param spans what speaks for it; only where rows are explained */
  verdict(score: number, isToxic: boolean, spans?: readonly RowSpan[]): string;
  /** In the place of the verdict of a bad record. */
  readonly noVerdict: string;
  /** Sticky; takes a verdict, with the score and the flag as groups. */
  readonly pattern: RegExp;
}

const ADDED = ['toxic_score', 'is_toxic', 'spans'] as const;

/** `4-9 0-3`: the worst first. */
const places = (spans: readonly RowSpan[]) => spans.map(({ begin, end }) => `${begin}-${end}`).join(' ');
const PLACES = '[-0-9 ]*';
const NUMBER = String.raw`(\d(?:\.\d+)?)`;

/**
 * Nothing of the input is written anew: a row keeps its quotes, its encoding and its line ending. A bad record
 * is kept whole, too: as the text of a row that has no other values and no verdict.
 * @throws CommandError when the input has such columns already
 */
export function rowFormatOf(records: Records, explain = false): RowFormat {
  if (records.format === 'lines') return lineRows(records, explain);
  return records.format === 'jsonl' ? jsonRows(records, explain) : delimitedRows(records, explain);
}

function delimitedRows({ header, mark, name, columns }: Records, explain: boolean): RowFormat {
  const { names, delimiter, raw, ending } = header!;
  const columnsAdded = explain ? ADDED : ADDED.slice(0, 2);
  const taken = columnsAdded.find((column) => names.includes(column));
  if (taken !== undefined) {
    throw new CommandError(`${name}: has a column "${taken}" already; rename it or leave it out`);
  }
  const added = (...values: readonly string[]) => values.map((value) => delimiter + value).join('');
  const textIndex = names.indexOf(columns[0]!);
  const emptyBefore = delimiter.repeat(textIndex);
  const emptyAfter = delimiter.repeat(names.length - 1 - textIndex);
  return {
    head: mark + raw + added(...columnsAdded) + (ending || '\n'),
    parts: ({ raw: row, ending: end, error }) => ({
      before: error === undefined ? row : `${emptyBefore}"${row.replaceAll('"', '""')}"${emptyAfter}`,
      after: end || '\n',
    }),
    verdict: (score, isToxic, spans = []) =>
      `${delimiter}${score}${delimiter}${isToxic}${explain ? delimiter + places(spans) : ''}`,
    noVerdict: added(...columnsAdded.map(() => '')),
    pattern: new RegExp(
      `${delimiter}${NUMBER}${delimiter}(true|false)${explain ? delimiter + PLACES : ''}`,
      'y',
    ),
  };
}

function jsonRows({ mark, columns, encoding }: Records, explain: boolean): RowFormat {
  const [field = ''] = columns;
  const decode = decoderOf(encoding);
  const opened = (object: string): string => {
    if (ADDED.some((name) => object.includes(name))) {
      // Two members of one name would leave it to the reader which counts.
      const bytes = Buffer.from(object, 'latin1');
      const json = JSON.parse(decode(bytes, 0, bytes.length) ?? object) as Record<string, unknown>;
      if (ADDED.some((name) => Object.hasOwn(json, name))) {
        for (const name of ADDED) delete json[name];
        return open(escaped(JSON.stringify(json)));
      }
    }
    return open(object);
  };
  return {
    head: mark,
    parts: ({ raw, ending, error }) => {
      const object =
        error === undefined || isObject(raw)
          ? raw.trim()
          : `{${escaped(JSON.stringify(field))}:${JSON.stringify(raw)}}`;
      return { before: opened(object), after: `}${ending || '\n'}` };
    },
    verdict: (score, isToxic, spans = []) =>
      `"toxic_score":${score},"is_toxic":${isToxic}${explain ? `,"spans":${JSON.stringify(spans)}` : ''}`,
    noVerdict: `"toxic_score":null,"is_toxic":null${explain ? ',"spans":null' : ''}`,
    pattern: new RegExp(
      `"toxic_score":${NUMBER},"is_toxic":(true|false)${explain ? String.raw`,"spans":\[[^\]]*\]` : ''}`,
      'y',
    ),
  };
}

/** An object without its end, ready for another member. */
function open(object: string): string {
  const members = object.slice(0, -1).trimEnd();
  return members === '{' ? members : `${members},`;
}

/** In ASCII alone: the same in both encodings. */
function escaped(json: string): string {
  return json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isObject(raw: string): boolean {
  try {
    const json: unknown = JSON.parse(raw);
    return typeof json === 'object' && json !== null && !Array.isArray(json);
  } catch {
    return false;
  }
}

/** The verdict comes first: a line of text may hold tabs. */
function lineRows({ mark }: Records, explain: boolean): RowFormat {
  return {
    head: mark,
    parts: ({ raw, ending }) => ({ before: '', after: `\t${raw}${ending || '\n'}` }),
    verdict: (score, isToxic, spans = []) => `${score}\t${isToxic}${explain ? `\t${places(spans)}` : ''}`,
    noVerdict: explain ? '\t\t' : '\t',
    pattern: new RegExp(`${NUMBER}\t(true|false)${explain ? `\t${PLACES}` : ''}`, 'y'),
  };
}
