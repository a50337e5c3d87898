import type { PanelSpec } from '../../deploy/grafana/panels.js';

export interface DrawnSeries {
  readonly name: string;
  /** Time in seconds, value. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface DrawnPanel {
  readonly panel: PanelSpec;
  readonly series: readonly DrawnSeries[];
}

const COLUMNS = 3;
const WIDTH = 330;
const HEIGHT = 190;
const PLOT = { left: 52, right: 10, top: 28, bottom: 42 };
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#7f7f7f'];
const CSS = `text{font:11px sans-serif;fill:#1f2328}.back{fill:#fff}.frame{fill:none;stroke:#d1d9e0}.title{font-weight:bold}.big{font-size:34px}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.frame{stroke:#3d444d}}`;

/** The panels of a dashboard, three a row, as an SVG: not Grafana's looks, but the same answers to the same queries. */
export function picture(title: string, panels: readonly DrawnPanel[], from: number, to: number): string {
  const height = Math.ceil(panels.length / COLUMNS) * HEIGHT;
  const drawn = panels.map((each, index) => {
    const place = `translate(${(index % COLUMNS) * WIDTH} ${Math.floor(index / COLUMNS) * HEIGHT})`;
    return `<g transform="${place}">${frame(each)}${content(each, from, to)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${height}" role="img">
<title>${escape(title)}</title>
<style>${CSS}</style>
<rect class="back" width="${COLUMNS * WIDTH}" height="${height}"/>
${drawn.join('\n')}
</svg>
`;
}

function frame({ panel }: DrawnPanel): string {
  return `<rect class="frame" x="4" y="4" width="${WIDTH - 8}" height="${HEIGHT - 8}" rx="4"/><text class="title" x="14" y="20">${escape(panel.title)}</text>`;
}

function content(drawn: DrawnPanel, from: number, to: number): string {
  if (drawn.panel.kind === 'stat') return lastValue(drawn);
  return drawn.panel.kind === 'heatmap' ? cells(drawn, from, to) : lines(drawn, from, to);
}

function lastValue({ panel, series }: DrawnPanel): string {
  const words = series.map(({ points, name }) => {
    const value = points.at(-1)?.[1] ?? Number.NaN;
    return `${inUnit(value, panel.unit)}${panel.title === 'Served models' ? ` × ${name}` : ''}`;
  });
  return `<text class="big" x="${WIDTH / 2}" y="${HEIGHT / 2 + 16}" text-anchor="middle">${escape(words.join(', '))}</text>`;
}

function lines({ panel, series }: DrawnPanel, from: number, to: number): string {
  const known = series
    .map(({ name, points }) => ({ name, points: points.filter(([, value]) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length > 1);
  const most = Math.max(1e-9, ...known.flatMap(({ points }) => points.map(([, value]) => value)));
  const up = (value: number) => HEIGHT - PLOT.bottom - (value / most) * (HEIGHT - PLOT.bottom - PLOT.top);
  const paths = known.map(({ points }, index) => {
    const path = points.map(([time, value]) => `${across(time, from, to)} ${round(up(value))}`).join('L');
    return `<path d="M${path}" fill="none" stroke="${colour(index)}" stroke-width="1.5"/>`;
  });
  const names = known.map(({ name }, index) => `<tspan fill="${colour(index)}">${escape(name)} </tspan>`);
  return `${axis(inUnit(most, panel.unit), '0')}${paths.join('')}<text x="14" y="${HEIGHT - 14}">${names.slice(0, 6).join('')}</text>`;
}

/** Buckets count from 0 up: a band is what one has more than the one below it. */
function cells({ panel, series }: DrawnPanel, from: number, to: number): string {
  const edges = series
    .filter(({ name }) => name !== '+Inf')
    .toSorted((one, other) => Number(one.name) - Number(other.name));
  const bands = edges.map(({ points }, index) => {
    const below = new Map(index === 0 ? [] : edges[index - 1]!.points);
    return points.map(([time, value]) => [time, Math.max(0, value - (below.get(time) ?? 0))] as const);
  });
  const most = Math.max(1e-9, ...bands.flat().map(([, value]) => value));
  const tall = (HEIGHT - PLOT.bottom - PLOT.top) / edges.length;
  const wide = ((WIDTH - PLOT.left - PLOT.right) / (to - from)) * 1.05;
  const rects = bands.flatMap((points, index) =>
    points
      .filter(([, value]) => value > 0)
      .map(([time, value]) => {
        const top = round(HEIGHT - PLOT.bottom - (index + 1) * tall);
        const strength = (0.1 + 0.9 * Math.sqrt(value / most)).toFixed(2);
        return `<rect x="${across(time, from, to)}" y="${top}" width="${round(wide)}" height="${round(tall)}" fill="#d55e00" fill-opacity="${strength}"/>`;
      }),
  );
  const label = (index: number) => inUnit(Number(edges.at(index)?.name ?? Number.NaN), panel.unit);
  return axis(label(-1), label(0)) + rects.join('');
}

function axis(top: string, bottom: string): string {
  const left = PLOT.left - 5;
  return `<text x="${left}" y="${PLOT.top + 10}" text-anchor="end">${top}</text><text x="${left}" y="${HEIGHT - PLOT.bottom}" text-anchor="end">${bottom}</text>`;
}

function across(time: number, from: number, to: number): number {
  return round(PLOT.left + ((time - from) / (to - from)) * (WIDTH - PLOT.left - PLOT.right));
}

function inUnit(value: number, unit: PanelSpec['unit']): string {
  if (!Number.isFinite(value)) return 'none';
  if (unit === 'percentunit') return `${(value * 100).toPrecision(3)} %`;
  if (unit === 'bytes') return `${Math.round(value / 2 ** 20)} MiB`;
  if (unit === 's')
    return value < 1 ? `${Number((value * 1000).toPrecision(2))} ms` : `${value.toPrecision(2)} s`;
  return String(Number(value.toPrecision(3)));
}

const colour = (index: number) => COLOURS[index % COLOURS.length]!;
const round = (value: number) => Math.round(value * 10) / 10;
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
