import type { Summary } from './statistics.js';

/** The middle and the quartiles. */
export function spread(
  { median, lowerQuartile, upperQuartile }: Summary,
  format: (value: number) => string = significant,
): string {
  return `${format(median)} (${format(lowerQuartile)} to ${format(upperQuartile)})`;
}

/** Whole from 100 on, fewer than that with a decimal, fewer than 10 with two. */
export function significant(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 10 ? value.toFixed(2) : decimal(value);
}

export function decimal(value: number): string {
  return value < 100 ? value.toFixed(1) : whole(value);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A Markdown table laid out as prettier does it: the first column to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]!.length)),
  );
  const lineOfCells = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [lineOfCells(header), lineOfCells(rule), ...rows.map(lineOfCells)].join('\n');
}
