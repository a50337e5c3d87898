import type { Average, ClassQuality, Quality } from './metrics.js';
import type { Report } from './report.js';
import type { OperatingPoint } from './thresholds.js';

/** A table of a report: the first column is text, the others are figures. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const share = (value: number | null) => (value === null ? '–' : value.toFixed(4));
const count = (value: number) => value.toLocaleString('en-US');

/** A report as tables, for a terminal and for a page. */
export function tablesOf(report: Report): Table[] {
  return [
    classes(report),
    confusion(report.quality),
    overall(report),
    policies(report),
    best(report),
    bins(report),
  ];
}

function classes({ quality, threshold, texts }: Report): Table {
  const row = (name: string, { precision, recall, f1 }: Average, support: number) => [
    name,
    ...[precision, recall, f1].map(share),
    count(support),
  ];
  const ofClass = (name: string, figures: ClassQuality) => row(name, figures, figures.support);
  return {
    title: `At the threshold ${threshold}`,
    head: ['', 'precision', 'recall', 'F1', 'texts'],
    rows: [
      ofClass('harmless', quality.harmless),
      ofClass('toxic', quality.toxic),
      row('macro average', quality.macro, texts),
      row('weighted average', quality.weighted, texts),
    ],
  };
}

function confusion({ confusion: { tn, fp, fn, tp } }: Quality): Table {
  return {
    title: 'Labels (down) and verdicts (across)',
    head: ['', 'harmless', 'toxic'],
    rows: [
      ['harmless', count(tn), count(fp)],
      ['toxic', count(fn), count(tp)],
    ],
  };
}

function overall({ quality, auc, averagePrecision, brier, calibrationError }: Report): Table {
  return {
    title: 'Overall',
    head: ['', 'value'],
    rows: [
      ['accuracy', share(quality.accuracy)],
      ['AUC', share(auc)],
      ['average precision', share(averagePrecision)],
      ['Brier score', share(brier)],
      ['calibration error', share(calibrationError)],
    ],
  };
}

function policies({ policies: all }: Report): Table {
  return {
    title: "The model's policies: here, and as its manifest promises",
    head: ['', 'threshold', 'precision', 'promised', 'recall', 'promised', 'macro F1'],
    rows: Object.entries(all).map(
      ([
        name,
        {
          promised,
          quality: { toxic, macro },
        },
      ]) => [
        name,
        String(promised.threshold),
        share(toxic.precision),
        share(promised.precision),
        share(toxic.recall),
        share(promised.recall),
        share(macro.f1),
      ],
    ),
  };
}

function best({ best: { macroF1, toxicF1, recall95, precision95 } }: Report): Table {
  const row = (name: string, point: OperatingPoint | null) => {
    if (point === null) return [name, ...Array.from({ length: 5 }, () => '–')];
    const { toxic, macro } = point.quality;
    return [name, ...[point.threshold, toxic.precision, toxic.recall, toxic.f1, macro.f1].map(share)];
  };
  return {
    title: 'Best thresholds for these texts',
    head: ['', 'threshold', 'precision', 'recall', 'F1 toxic', 'macro F1'],
    rows: [
      row('macro F1', macroF1),
      row('F1 of toxic', toxicF1),
      row('recall ≥ 0.95', recall95),
      row('precision ≥ 0.95', precision95),
    ],
  };
}

function bins({ calibration }: Report): Table {
  return {
    title: 'Calibration',
    head: ['scores', 'texts', 'mean score', 'toxic'],
    rows: calibration.map(({ from, to, count: texts, meanScore, toxicShare }) => [
      `${from.toFixed(2)} to ${to.toFixed(2)}`,
      count(texts),
      share(meanScore),
      share(toxicShare),
    ]),
  };
}

/** Tables for a terminal. */
export function asText(tables: readonly Table[]): string {
  return tables.map(tableText).join('\n');
}

function tableText({ title, head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`.trimEnd();
  return `${[title, line(head), ...rows.map(line)].join('\n')}\n`;
}
