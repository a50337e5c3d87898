import {
  MAX_RECORD_BYTES,
  NOT_UTF8,
  type Block,
  type InputRecord,
  type Scanner,
  type ScannerOptions,
} from './record.js';

type Values = { readonly values: readonly string[] } | { readonly error: string };

/** Records of one line each: JSON lines, of which blank ones are skipped, or plain text, of which they are not. */
export class LineScanner implements Scanner {
  position = 0;
  private line = 1;

  constructor(
    private readonly format: 'jsonl' | 'lines',
    private readonly options: ScannerOptions,
  ) {}

  start(position: number): void {
    this.position = position;
  }

  next({ bytes, chars, isLast }: Block): InputRecord | undefined {
    for (;;) {
      const start = this.position;
      if (start >= chars.length) return undefined;
      const lineBreak = chars.indexOf('\n', start);
      const isCut = lineBreak < 0 && !isLast;
      if (isCut && chars.length - start <= MAX_RECORD_BYTES) return undefined;
      const stop = lineBreak < 0 ? chars.length : lineBreak;
      const end = lineBreak > start && chars[stop - 1] === '\r' ? stop - 1 : stop;
      const raw = chars.slice(start, end);
      const ending = lineBreak < 0 ? '' : chars.slice(end, stop + 1);
      const { line } = this;
      this.position = stop + (lineBreak < 0 ? 0 : 1);
      if (lineBreak >= 0) this.line++;
      if (this.format === 'jsonl' && raw.trim() === '') continue;
      const read = isCut
        ? { error: `more than ${MAX_RECORD_BYTES} bytes without a line break` }
        : this.read(this.options.decode(bytes, start, end));
      return { line, raw, ending, values: [], ...read };
    }
  }

  private read(text: string | undefined): Values {
    if (text === undefined) return { error: NOT_UTF8 };
    return this.format === 'jsonl' ? fieldsOf(text, this.options.columns) : { values: [text] };
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
    const value = Object.hasOwn(json, field) ? (json as Record<string, unknown>)[field] : undefined;
    // The first is the text; a label may be a number or a boolean.
    const isUsable =
      typeof value === 'string' || (values.length > 0 && /^(?:number|boolean)$/.test(typeof value));
    if (!isUsable) return { error: `no ${values.length > 0 ? 'value' : 'text'} in the field "${field}"` };
    values.push(String(value));
  }
  return { values };
}
