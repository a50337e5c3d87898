interface Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** The part of k6's data that is used here. */
export interface SummaryData {
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** k6 calls it at the end: the whole data as JSON into a file (--env SUMMARY=FILE), the thresholds to the terminal. */
export function handleSummary(data: SummaryData): Record<string, string> {
  const file = __ENV['SUMMARY'] ?? 'k6-summary.json';
  return { stdout: thresholdLines(data), [file]: JSON.stringify(data, null, 2) };
}

function thresholdLines({ metrics }: SummaryData): string {
  const lines = Object.entries(metrics).flatMap(([name, { values, thresholds = {} }]) =>
    Object.entries(thresholds).map(([expression, { ok }]) => {
      const figures = Object.entries(values).map(([key, value]) => `${key}=${Number(value.toFixed(3))}`);
      return `${ok ? 'held  ' : 'broken'}  ${name}: ${expression}  (${figures.join(' ')})`;
    }),
  );
  return `${lines.join('\n')}\n`;
}
