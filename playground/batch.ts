import { classify, Refusal, type PlaygroundConfig } from './api.js';
import { chunks } from './chunks.js';
import { commentColumn, decode, delimiterOf, parseCsv, toCsv } from './csv.js';
import { byId, make, tell } from './dom.js';
import { onThreshold, threshold } from './threshold.js';
import { fraction, inEveryLanguage, number, percent, say } from './words.js';

const ROWS_SHOWN = 200;
/** Tries of one request that the server refuses for now. */
const MOST_TRIES = 8;

interface Table {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
interface Result {
  readonly score: number;
  readonly toxic: boolean;
}
interface Run {
  readonly table: Table;
  readonly texts: readonly string[];
  readonly results: (Result | undefined)[];
  /** Texts that can be scored. */
  readonly all: number;
  done: number;
  state: 'running' | 'stopped' | 'done';
  /** Seconds that the server asked to wait for. */
  wait: number;
}

const lines = byId<HTMLTextAreaElement>('lines');
const file = byId<HTMLInputElement>('file');
const column = byId<HTMLSelectElement>('column');

let limits: PlaygroundConfig | undefined;
/** The file that was chosen; lines that are typed later win over it. */
let chosen: Table | undefined;
let run: Run | undefined;
let asked = new AbortController();

export function startBatch(): void {
  const drop = byId('drop');
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragenter' || name === 'dragover');
    });
  }
  drop.addEventListener('drop', (event) => void take(event.dataTransfer?.files[0]));
  file.addEventListener('change', () => void take(file.files?.[0]));
  lines.addEventListener('input', () => {
    chosen = undefined;
    file.value = '';
    renderFile();
  });
  byId('batch-start').addEventListener('click', () => void start());
  byId('batch-cancel').addEventListener('click', () => asked.abort());
  byId('batch-save').addEventListener('click', save);
  onThreshold(render);
  inEveryLanguage(() => {
    renderFile();
    render();
    renderRows();
  });
}

export function setBatchLimits(config: PlaygroundConfig): void {
  limits = config;
}

async function take(given: File | undefined): Promise<void> {
  if (given === undefined) return;
  const text = decode(await given.arrayBuffer());
  const rows = /\.txt$/i.test(given.name) ? ofLines(text) : parseCsv(text, delimiterOf(text));
  const { column: at, hasHeader } = commentColumn(rows);
  const header = hasHeader ? rows[0]! : (rows[0] ?? []).map((_, i) => say('columnNumber', { n: i + 1 }));
  chosen = { name: given.name, header, rows: hasHeader ? rows.slice(1) : rows };
  lines.value = '';
  renderFile();
  column.value = String(at);
}

function ofLines(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => [line]);
}

function renderFile(): void {
  byId('file-said').textContent =
    chosen === undefined ? '' : say('fileSaid', { name: chosen.name, rows: number(chosen.rows.length) });
  byId('column-field').hidden = chosen === undefined || chosen.header.length < 2;
  const { value } = column;
  column.replaceChildren(
    ...(chosen?.header ?? []).map((name, i) => make('option', { value: String(i) }, name)),
  );
  column.value = value === '' ? '0' : value;
}

async function start(): Promise<void> {
  const table = chosen ?? { name: 'comments', header: ['comment'], rows: ofLines(lines.value) };
  tell(byId('batch-error'), table.rows.length === 0 ? say('batchEmpty') : '');
  if (table.rows.length === 0 || limits === undefined) return;
  const at = chosen === undefined ? 0 : Number(column.value);
  const texts = table.rows.map((row) => row[at] ?? '');
  const parts = chunks(texts, limits);
  const current: Run = {
    table,
    texts,
    results: texts.map(() => undefined),
    all: parts.reduce((sum, { length }) => sum + length, 0),
    done: 0,
    state: 'running',
    wait: 0,
  };
  run = current;
  const { signal } = (asked = new AbortController());
  renderRows();
  render();
  try {
    for (const part of parts) {
      const { results } = await patiently(
        current,
        part.map((index) => texts[index]!),
        signal,
      );
      part.forEach((index, i) => {
        current.results[index] = { score: results[i]!.toxic_score, toxic: results[i]!.is_toxic };
      });
      const before = current.done;
      current.done += part.length;
      if (before < ROWS_SHOWN) renderRows();
      render();
    }
    current.state = 'done';
  } catch (error) {
    current.state = 'stopped';
    if (!signal.aborted) tell(byId('batch-error'), (error as Error).message);
  }
  renderRows();
  render();
}

/** Waits as long as the server asks when it is full or the caller over its limit, and tries again. */
async function patiently(current: Run, texts: string[], signal: AbortSignal): ReturnType<typeof classify> {
  const cut = threshold();
  for (let tries = 1; ; tries++) {
    try {
      return await classify(texts, cut, signal);
    } catch (error) {
      const isPassing = error instanceof Refusal && error.retryAfter !== undefined;
      if (signal.aborted || !isPassing || tries === MOST_TRIES) throw error;
      current.wait = Math.max(1, error.retryAfter!);
      render();
      await pause(current.wait * 1000, signal);
      current.wait = 0;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

function render(): void {
  byId('batch-threshold').textContent = say('batchThreshold', { threshold: fraction(threshold()) });
  const running = run?.state === 'running';
  byId<HTMLButtonElement>('batch-start').disabled = running;
  byId('batch-cancel').hidden = !running;
  byId('batch-save').hidden = running || run === undefined || run.done === 0;
  byId('batch-progress').hidden = run === undefined;
  if (run === undefined) return;
  const progress = byId<HTMLProgressElement>('progress');
  progress.max = Math.max(1, run.all);
  progress.value = run.all === 0 ? 1 : run.done;
  byId('batch-said').textContent = summary(run);
}

function summary({ all, done, state, wait, results, texts }: Run): string {
  const toxic = results.filter((result) => result?.toxic === true).length;
  const values = {
    all: number(all),
    done: number(done),
    s: wait,
    toxic: number(toxic),
    share: percent(done === 0 ? 0 : toxic / done, 1),
  };
  if (state === 'running') return say(wait > 0 ? 'batchWaiting' : 'batchRunning', values);
  const left = texts.length - all;
  const said = say(state === 'done' ? 'batchDone' : 'batchStopped', values);
  if (left === 0) return said;
  return `${said}; ${say('batchUnscored', { n: number(left), max: number(limits!.max_text_chars) })}`;
}

function renderRows(): void {
  byId('batch-scroll').hidden = run === undefined;
  byId('rows-note').textContent =
    run !== undefined && run.texts.length > ROWS_SHOWN ? say('firstRows', { n: number(ROWS_SHOWN) }) : '';
  if (run === undefined) return;
  const { texts, results, state } = run;
  const rows = texts.slice(0, ROWS_SHOWN).map((text, i) => {
    const result = results[i];
    const verdict = make('td');
    if (result !== undefined) {
      const word = say(result.toxic ? 'toxic' : 'harmless');
      verdict.append(make('span', { className: result.toxic ? 'badge toxic' : 'badge' }, word));
    } else if (state !== 'running') verdict.append(say('unscored'));
    const score = result === undefined ? '' : fraction(result.score, 3);
    const cells = [number(i + 1), text].map((cell) => make('td', {}, cell));
    return make('tr', {}, ...cells, make('td', { className: 'number' }, score), verdict);
  });
  byId('rows').replaceChildren(...rows);
}

/** The rows as they came, and two columns more. */
function save(): void {
  if (run === undefined) return;
  const { table, results } = run;
  const added = (result: Result | undefined) =>
    result === undefined ? ['', ''] : [String(result.score), String(result.toxic)];
  const rows = table.rows.map((row, i) => {
    const padded = table.header.map((_, at) => row[at] ?? '');
    return [...padded, ...row.slice(table.header.length), ...added(results[i])];
  });
  const csv = toCsv([[...table.header, 'toxic_score', 'is_toxic'], ...rows]);
  const href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  make('a', { href, download: `${table.name.replace(/\.\w+$/, '')}-rutox.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
