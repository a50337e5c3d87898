/** The cells of a column of a CSV text with a header; cells may be quoted and hold line breaks. k6 has no csv-parse. */
export function readColumn(text: string, column: string): string[] {
  const [header = [], ...rows] = readRows(text.replace(/^\uFEFF/, ''));
  const index = header.indexOf(column);
  if (index === -1) throw new Error(`no column "${column}" in the header: name it with --env COLUMN=…`);
  return rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '');
}

function readRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell, quoted or plain, and what ends it.
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && row.length === 0 && quoted === undefined && plain === '') break;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
    if (end === '') break;
  }
  return rows;
}
