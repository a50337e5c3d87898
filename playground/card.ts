import type { ModelCard, PlaygroundConfig } from './api.js';
import { byId, make } from './dom.js';
import { fraction, inEveryLanguage, isWord, number, percent, say } from './words.js';

let shown: { card: ModelCard; config: PlaygroundConfig } | undefined;

export function startCard(): void {
  inEveryLanguage(render);
}

export function showCard(card: ModelCard, config: PlaygroundConfig): void {
  shown = { card, config };
  render();
}

function render(): void {
  if (shown === undefined) return;
  const { card, config } = shown;
  const { metrics, policies, files, dataset, served } = card;
  const measures = Object.keys(metrics[served]);
  const twins = ['int8', 'fp32'] as const;
  byId('card').replaceChildren(
    section(say('tabModel'), [facts(card)]),
    section(say('modelQuality'), [
      table(
        [say('modelMeasure'), ...twins],
        measures.map((name) => [name, ...twins.map((twin) => shownNumber(metrics[twin][name]))]),
      ),
    ]),
    section(say('modelPolicies'), [
      table(
        [say('modelPolicy'), say('threshold'), say('precision'), say('recall')],
        (['premoderate', 'balanced', 'autoban'] as const).map((name) => [
          say(name),
          fraction(policies[name].threshold, 4),
          percent(policies[name].precision, 1),
          percent(policies[name].recall, 1),
        ]),
      ),
    ]),
    ...(config.plots.length > 0 ? [section(say('modelPlots'), [plots(config.plots)])] : []),
    section(say('modelFiles'), [
      table(
        [say('modelFile'), say('modelBytes'), 'sha256'],
        Object.entries(files).map(([name, { bytes, sha256 }]) => [name, number(bytes), sha256.slice(0, 12)]),
      ),
    ]),
  );

  function facts({ version, created }: ModelCard): HTMLElement {
    const rows = [
      [say('modelVersion'), version],
      [say('modelCreated'), created.slice(0, 10)],
      [say('modelServed'), served],
      [
        say('modelData'),
        say('modelDataRows', {
          name: dataset.name,
          total: number(dataset.rows.total),
          test: number(dataset.rows.test),
        }),
      ],
    ];
    const list = make('dl', { className: 'facts' });
    for (const [name, value] of rows) list.append(make('dt', {}, name!), make('dd', {}, value!));
    return list;
  }
}

function shownNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  return Number.isInteger(value) ? number(value) : fraction(value, 4);
}

function section(title: string, content: Node[]): HTMLElement {
  return make('section', { className: 'card' }, make('h2', {}, title), ...content);
}

/** All columns but the first are numbers. */
function table(head: string[], rows: string[][]): HTMLElement {
  const className = (i: number) => (i === 0 ? '' : 'number');
  const header = head.map((name, i) => make('th', { scope: 'col', className: className(i) }, name));
  const body = rows.map((row) =>
    make('tr', {}, ...row.map((cell, i) => make('td', { className: className(i) }, cell))),
  );
  return make('table', {}, make('thead', {}, make('tr', {}, ...header)), make('tbody', {}, ...body));
}

function plots(names: readonly string[]): HTMLElement {
  const figures = names.map((name) => {
    const word = `plot_${name.replace('.png', '')}`;
    const title = isWord(word) ? say(word) : name;
    const image = make('img', { src: `playground/plots/${name}`, alt: title, loading: 'lazy' });
    return make('figure', {}, make('figcaption', {}, title), image);
  });
  return make('div', { className: 'plots' }, ...figures);
}
