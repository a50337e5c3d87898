/** What separates the fields of a file: the sign that its first line has most of. */
export function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1);
  const count = (sign: string) => first.split(sign).length;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** Rows of a CSV text (RFC 4180, any line end); lines without anything are left out. A quote that is never closed ends with the text. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;

  function endRow(): void {
    row.push(field);
    field = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }

  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text[at + 1] === '"') field += text[++at]!;
      else quoted = false;
    } else if (sign === '"' && field === '') quoted = true;
    else if (sign === delimiter) {
      row.push(field);
      field = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r') field += sign;
  }
  endRow();
  return rows;
}

/** With a byte order mark, by which spreadsheets know UTF-8. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const quote = (field: string) => (/[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  return `\uFEFF${rows.map((row) => `${row.map(quote).join(',')}\r\n`).join('')}`;
}

const COMMENT_NAMES = /^(comment|text|message|body|comment_text|комментарий|текст|сообщение)$/i;

/** Which column holds the comments: the one that is called so, else the one with the longest fields. */
export function commentColumn(rows: readonly (readonly string[])[]): { column: number; hasHeader: boolean } {
  const [header = []] = rows;
  const named = header.findIndex((name) => COMMENT_NAMES.test(name.trim()));
  if (named >= 0) return { column: named, hasHeader: true };
  const sample = rows.slice(0, 100);
  const lengths = header.map((_, i) => sample.reduce((sum, row) => sum + (row[i]?.length ?? 0), 0));
  return { column: Math.max(0, lengths.indexOf(Math.max(...lengths))), hasHeader: false };
}

/** A file as text: UTF-8, or what Russian Windows programs write instead. */
export function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1251').decode(bytes);
  }
}
