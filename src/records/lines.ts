import {
  CR,
  LF,
  MAX_RECORD_BYTES,
  NOT_UTF8,
  type InputRecord,
  type Scanner,
  type ScannerOptions,
} from './record.js';

type Values = { readonly values: readonly string[] } | { readonly error: string };

/** Records of one line each: JSON lines, of which blank ones are skipped, or plain text, of which they are not. */
export class LineScanner implements Scanner {
  position = 0;
  readonly #decode: ScannerOptions['decode'];
  readonly #read: (text: string) => Values;
  readonly #skipsBlank: boolean;
  #line = 1;

  constructor(format: 'jsonl' | 'lines', { decode, columns }: ScannerOptions) {
    this.#decode = decode;
    this.#read = format === 'jsonl' ? (text) => fieldsOf(text, columns) : (text) => ({ values: [text] });
    this.#skipsBlank = format === 'jsonl';
  }

  next(bytes: Buffer, isLast: boolean): InputRecord | undefined {
    for (;;) {
      const start = this.position;
      if (start >= bytes.length) return undefined;
      const lineEnd = bytes.indexOf(LF, start);
      if (lineEnd < 0 && !isLast && bytes.length - start <= MAX_RECORD_BYTES) return undefined;
      const isTooLong = lineEnd < 0 && !isLast;
      const stop = lineEnd < 0 ? bytes.length : lineEnd;
      const end = lineEnd > start && bytes[stop - 1] === CR ? stop - 1 : stop;
      const ending = lineEnd < 0 ? '' : end < stop ? '\r\n' : '\n';
      const line = this.#line;
      this.position = stop + (lineEnd < 0 ? 0 : 1);
      if (lineEnd >= 0) this.#line++;
      const raw = bytes.toString('latin1', start, end);
      if (isTooLong)
        return { line, raw, ending, values: [], error: `a line of more than ${MAX_RECORD_BYTES} bytes` };
      if (this.#skipsBlank && raw.trim() === '') continue;
      const text = this.#decode(bytes, start, end);
      if (text === undefined) return { line, raw, ending, values: [], error: NOT_UTF8 };
      return { line, raw, ending, values: [], ...this.#read(text) };
    }
  }
}

function fieldsOf(text: string, fields: readonly string[]): Values {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: 'not JSON' };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { error: 'not a JSON object' };
  const values: string[] = [];
  for (const field of fields) {
    const value = (json as Record<string, unknown>)[field];
    // The first is the text; a label may be a number or a boolean.
    const isUsable =
      typeof value === 'string' || (values.length > 0 && /^(number|boolean)$/.test(typeof value));
    if (!isUsable) return { error: `no ${values.length > 0 ? 'value' : 'text'} in the field "${field}"` };
    values.push(String(value));
  }
  return { values };
}
