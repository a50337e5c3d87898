import type { ModelCard } from './api.js';
import { byId, draw } from './dom.js';
import { fraction, inEveryLanguage, percent, say } from './words.js';

interface Point {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

const POLICIES = ['premoderate', 'balanced', 'autoban'] as const;
const slider = byId<HTMLInputElement>('threshold');
const svg = byId<SVGSVGElement>('curve');

/* The drawing, in its own units; the slider's thumb keeps about eight from the edges. */
const LEFT = 8;
const WIDTH = 304;
const TOP = 8;
const HEIGHT = 112;

let card: ModelCard | undefined;
let value = 0.5;
const listeners: (() => void)[] = [];

/** The threshold that verdicts on this page are given by. */
export function threshold(): number {
  return value;
}

export function policies(): { name: (typeof POLICIES)[number]; threshold: number }[] {
  return card === undefined
    ? []
    : POLICIES.map((name) => ({ name, threshold: card!.policies[name].threshold }));
}

export function onThreshold(listener: () => void): void {
  listeners.push(listener);
}

/** Exact, where the slider has steps. */
export function setThreshold(to: number): void {
  value = to;
  slider.value = String(to);
  render();
  for (const listener of listeners) listener();
}

/** Draws the model's curve; its default policy is where the slider starts. */
export function showCurve(model: ModelCard): void {
  card = model;
  setThreshold(model.policies[model.default_policy].threshold);
}

export function startThreshold(): void {
  slider.addEventListener('input', () => setThreshold(Number(slider.value)));
  inEveryLanguage(render);
}

function render(): void {
  const shown = fraction(value);
  byId('threshold-value').textContent = shown;
  slider.setAttribute('aria-valuetext', shown);
  const note = byId('threshold-note');
  note.textContent = '';
  svg.replaceChildren();
  if (card === undefined) return;
  const { curve } = card;
  const hasCurve = curve !== undefined && curve.length > 1;
  axes(hasCurve);
  if (!hasCurve) {
    const points = POLICIES.map((name) => ({ name, ...card!.policies[name] }));
    dots(points);
    svg.setAttribute('aria-label', say('curvePoints', { points: points.map(inWords).join('; ') }));
    note.textContent = say('noCurve');
  } else {
    line(curve, 'precision');
    line(curve, 'recall');
    const { precision, recall } = at(curve, value);
    const values = { threshold: shown, precision: percent(precision), recall: percent(recall) };
    svg.setAttribute('aria-label', say('curveLabel', values));
    note.textContent = say('onCurve', values);
  }
  svg.append(draw('line', { class: 'cut', x1: x(value), x2: x(value), y1: TOP - 4, y2: TOP + HEIGHT }));
}

function inWords({
  name,
  threshold: cut,
  precision,
  recall,
}: Point & { name: 'premoderate' | 'balanced' | 'autoban' }): string {
  return `${say(name)} ${fraction(cut)}: ${say('precision')} ${percent(precision)}, ${say('recall')} ${percent(recall)}`;
}

/** The point of the curve that holds at a threshold: the last one measured below it. */
function at(curve: readonly Point[], cut: number): Point {
  return curve.findLast((point) => point.threshold <= cut) ?? curve[0]!;
}

function axes(hasCurve: boolean): void {
  for (const share of [0, 0.5, 1]) {
    svg.append(draw('line', { class: 'grid', x1: LEFT, x2: LEFT + WIDTH, y1: y(share), y2: y(share) }));
    // Where no curve of a useful model passes.
    if (share < 1) svg.append(draw('text', { x: LEFT + WIDTH * 0.6, y: y(share) - 4 }, percent(share)));
  }
  // What each stroke or dot stands for.
  const legend = TOP + HEIGHT + 22;
  (['precision', 'recall'] as const).forEach((name, i) => {
    const at = LEFT + i * 120;
    svg.append(
      hasCurve
        ? draw('line', { class: name, x1: at, x2: at + 22, y1: legend - 4, y2: legend - 4 })
        : draw('circle', { class: name, cx: at + 18, cy: legend - 4, r: 4 }),
      draw('text', { x: at + 30, y: legend }, say(name)),
    );
  });
}

function line(curve: readonly Point[], what: 'precision' | 'recall'): void {
  const path = curve
    .map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.threshold)} ${y(point[what])}`)
    .join('');
  svg.append(draw('path', { class: what, d: path }));
}

function dots(points: readonly Point[]): void {
  for (const point of points) {
    for (const what of ['precision', 'recall'] as const) {
      svg.append(draw('circle', { class: what, cx: x(point.threshold), cy: y(point[what]), r: 4 }));
    }
  }
}

function x(cut: number): number {
  return Math.round((LEFT + cut * WIDTH) * 10) / 10;
}

function y(share: number): number {
  return Math.round((TOP + (1 - share) * HEIGHT) * 10) / 10;
}
