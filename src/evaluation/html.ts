import { curves } from './curves.js';
import { escape } from './line-chart.js';
import type { Evaluation } from './report.js';
import { tablesOf, type Table } from './tables.js';

const CSS = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 2rem;font-variant-numeric:tabular-nums}th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #8884}
th:first-child,td:first-child{text-align:left;padding-left:0}h2{font-size:1.1rem;margin:2rem 0 0}svg{width:100%;height:auto}dt{float:left;clear:left;width:8rem}`;

/** What stands above the figures. */
export interface Facts {
  readonly [name: string]: string;
}

/** A page of its own: no script, nothing that is loaded from elsewhere, no comment. */
export function htmlReport(evaluation: Evaluation, facts: Facts): string {
  const head = Object.entries(facts).map(
    ([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`,
  );
  const plots = curves(evaluation).map(({ title, svg }) => `<h2>${escape(title)}</h2>\n${svg}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>rutox: evaluation</title>
<style>${CSS}</style>
<h1>Evaluation</h1>
<dl>${head.join('')}</dl>
${[...tablesOf(evaluation.report).map(tableHtml), ...plots].join('\n')}
</html>
`;
}

function tableHtml({ title, head, rows }: Table): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('');
  return `<h2>${escape(title)}</h2>
<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`;
}
