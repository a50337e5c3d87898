/** One line of a panel. */
export interface Series {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  /** The same names in every panel: one legend serves all. */
  readonly series: readonly Series[];
  /** Powers of ten instead of a scale from 0. */
  readonly log?: true;
}

export interface Chart {
  readonly x: { readonly label: string; readonly ticks: readonly number[]; readonly log?: true };
  readonly panels: readonly Panel[];
}

const WIDTH = 860;
const HEIGHT = 230;
const MARGIN = { left: 62, right: 14, top: 30, bottom: 46 };
const LEGEND_ROW = 20;

/** Told apart also without colours: Okabe and Ito's, each with a dash of its own. */
const STYLES = [
  ['#0072b2', ''],
  ['#d55e00', '6 3'],
  ['#009e73', '2 3'],
  ['#cc79a7', '9 3 2 3'],
] as const;

const CSS = `text{font:12px sans-serif;fill:#1f2328}.back{fill:#fff}.grid{stroke:#d1d9e0}.title{font-weight:bold}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.grid{stroke:#3d444d}}`;

/**
 * Panels of lines side by side as an SVG of its own colours, light or dark as the reader's system is. Our own
 * lines: the chart libraries that need no browser bring some eighty packages for what stands here.
 */
export function lineChart({ x, panels }: Chart): string {
  const names = panels[0]!.series.map(({ name }) => name);
  const height = HEIGHT + Math.ceil(names.length / 2) * LEGEND_ROW + 8;
  const width = WIDTH / panels.length;
  const parts = panels.map(
    (panel, index) => `<g transform="translate(${round(index * width)} 0)">${panelOf(panel, x, width)}</g>`,
  );
  const legend = names.map((name, index) => {
    const left = MARGIN.left + (index % 2) * (WIDTH / 2);
    const top = HEIGHT + Math.floor(index / 2) * LEGEND_ROW + 8;
    return `<path d="M${left} ${top}h34" ${stroke(index)}/><text x="${left + 42}" y="${top + 4}">${escape(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<style>${CSS}</style>
<rect class="back" width="${WIDTH}" height="${height}"/>
${[...parts, ...legend].join('\n')}
</svg>
`;
}

function panelOf({ title, series, log }: Panel, x: Chart['x'], width: number): string {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const yTicks = log ? powersOfTen(values) : roundTicks(Math.max(...values, 1e-9));
  const across = scale(x.ticks, [MARGIN.left, width - MARGIN.right], x.log);
  const up = scale(yTicks, [HEIGHT - MARGIN.bottom, MARGIN.top], log);
  const grid = yTicks.map(
    (tick) =>
      `<path class="grid" d="M${MARGIN.left} ${up(tick)}H${round(width - MARGIN.right)}"/><text x="${MARGIN.left - 6}" y="${up(tick) + 4}" text-anchor="end">${tick.toLocaleString('en-US')}</text>`,
  );
  const labels = x.ticks.map(
    (tick) =>
      `<text x="${across(tick)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${tick}</text>`,
  );
  const lines = series.map(({ points }, index) => {
    const known = points.filter(([, y]) => Number.isFinite(y));
    const path = known.map(([px, py]) => `${across(px)} ${up(py)}`).join('L');
    return `<path d="M${path}" ${stroke(index)}/>`;
  });
  const middle = round((MARGIN.left + width - MARGIN.right) / 2);
  return [
    `<text class="title" x="${middle}" y="18" text-anchor="middle">${escape(title)}</text>`,
    ...grid,
    ...labels,
    `<text x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${escape(x.label)}</text>`,
    ...lines,
  ].join('');
}

function stroke(index: number): string {
  const [colour, dashes] = STYLES[index % STYLES.length]!;
  return `fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes || 'none'}"`;
}

/** From the first to the last tick onto a range of pixels. */
function scale(ticks: readonly number[], [from, to]: readonly [number, number], log?: true) {
  const place = log ? Math.log : (value: number) => value;
  const first = place(ticks[0]!);
  const length = place(ticks.at(-1)!) - first || 1;
  return (value: number) => round(from + ((place(value) - first) / length) * (to - from));
}

/** 0 and four or five steps of 1, 2 or 5 times a power of ten, up to `max` or beyond. */
function roundTicks(max: number): number[] {
  const power = 10 ** Math.floor(Math.log10(max / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each * 5 >= max)!;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

function powersOfTen(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number((10 ** (first + index)).toPrecision(6)),
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
