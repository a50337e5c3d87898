import { explain, Refusal, address, hasKey, type ExplainResponse, type PlaygroundConfig } from './api.js';
import { codePoints } from './chunks.js';
import { byId, make, tell } from './dom.js';
import { onThreshold, policies, setThreshold, threshold } from './threshold.js';
import { fraction, inEveryLanguage, number, percent, say } from './words.js';

/** A pause in typing after which the text is scored. */
const DEBOUNCE_MS = 180;
/** A mark as dense as this still lets its word be read in both colour schemes. */
const DENSEST = 0.45;
const MOST_NAMED = 5;

const EXAMPLES = [
  'Спасибо за интересную статью!',
  'Ты тупой идиот, заткнись',
  'Ну ты д.е.б.и.л, честное слово',
  'Завтра обещают дождь, возьмите зонт',
];

const input = byId<HTMLTextAreaElement>('comment');
const verdict = byId('panel-comment').querySelector<HTMLElement>('.verdict')!;

let limits: PlaygroundConfig | undefined;
/** The last answer, and the text it is for. */
let answer: (ExplainResponse & { ms: number; text: string }) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = new AbortController();

export function startComment(): void {
  input.addEventListener('input', () => later(DEBOUNCE_MS));
  for (const text of EXAMPLES) {
    const button = make('button', { type: 'button', lang: 'ru' }, text);
    button.addEventListener('click', () => {
      input.value = text;
      input.focus();
      later(0);
    });
    byId('examples').append(button);
  }
  byId('curl-copy').addEventListener('click', () => void copyCurl());
  onThreshold(render);
  inEveryLanguage(render);
}

export function setLimits(config: PlaygroundConfig): void {
  limits = config;
}

/** Scores the text again, as after a key has come. */
export function scoreAgain(): void {
  later(0);
}

function later(ms: number): void {
  clearTimeout(timer);
  asked.abort();
  const text = input.value;
  byId('length').textContent = text === '' ? '' : say('characters', { n: number(codePoints(text)) });
  tell(byId('error'), '');
  verdict.classList.remove('busy');
  if (text.trim() === '') {
    answer = undefined;
    return render();
  }
  if (limits !== undefined && codePoints(text) > limits.max_text_chars) {
    answer = undefined;
    tell(byId('error'), say('tooLong', { max: number(limits.max_text_chars) }));
    return render();
  }
  verdict.classList.add('busy');
  timer = setTimeout(() => void score(text), ms);
}

async function score(text: string): Promise<void> {
  const { signal } = (asked = new AbortController());
  try {
    const given = await explain(text, signal);
    if (signal.aborted) return;
    answer = { ...given, text };
    byId('live').textContent = say('live', {
      score: scorePercent(answer.toxic_score),
      verdict: say(isToxic(threshold()) ? 'toxic' : 'harmless'),
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refusal)) throw error;
    answer = undefined;
    // The field for a key says it then.
    if (error.status !== 401) tell(byId('error'), error.message);
    if (error.retryAfter !== undefined) {
      timer = setTimeout(() => later(0), Math.max(1, error.retryAfter) * 1000);
    }
  }
  verdict.classList.remove('busy');
  render();
}

function isToxic(cut: number): boolean {
  return answer !== undefined && answer.toxic_score > cut;
}

function render(): void {
  const score = answer?.toxic_score;
  verdict.classList.toggle('toxic', isToxic(threshold()));
  byId('score').textContent = score === undefined ? '–' : scorePercent(score);
  byId('said').textContent =
    score === undefined
      ? say('waiting')
      : `${say(isToxic(threshold()) ? 'toxic' : 'harmless')} ${say('at', { threshold: fraction(threshold()) })}`;
  const [bar, mark] = [...byId('meter').children] as HTMLElement[];
  bar!.style.width = `${(score ?? 0) * 100}%`;
  mark!.style.left = `${threshold() * 100}%`;
  byId('timing').textContent =
    answer === undefined ? '' : say('timing', { ms: number(Math.round(answer.ms)) });
  renderPolicies();
  renderWhy();
  byId('curl-text').textContent = curl();
}

/** Nothing that the model says is certain: rounded towards even odds near both ends. */
function scorePercent(score: number): string {
  if (score >= 0.01 && score <= 0.99) return percent(score);
  return percent((score > 0.5 ? Math.floor(score * 1000) : Math.ceil(score * 1000)) / 1000, 1);
}

function renderPolicies(): void {
  const list = policies().map((policy) => {
    const button = make('button', { type: 'button' }, say(policy.name));
    button.addEventListener('click', () => setThreshold(policy.threshold));
    const item = make('li', {}, button);
    if (answer !== undefined) {
      const toxic = isToxic(policy.threshold);
      item.append(
        make('span', { className: toxic ? 'badge toxic' : 'badge' }, say(toxic ? 'toxic' : 'harmless')),
      );
    }
    item.append(
      make(
        'p',
        { className: 'note' },
        `${say(`${policy.name}Note`)} ${say('threshold')} ${fraction(policy.threshold)}.`,
      ),
    );
    return item;
  });
  // Only what changed is replaced, or the button that was just pressed would lose the focus.
  const old = byId('policies');
  const focused = [...old.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
  old.replaceChildren(...list);
  if (focused >= 0) old.querySelectorAll('button')[focused]?.focus();
}

function renderWhy(): void {
  const why = byId('why');
  const note = byId('why-note');
  if (answer === undefined) {
    why.textContent = '';
    note.textContent = say('whyEmpty');
    return;
  }
  const { text, spans, toxic_score } = answer;
  const heaviest = spans[0]?.contribution ?? 0;
  why.replaceChildren();
  let at = 0;
  for (const { begin, end, contribution } of spans.toSorted((a, b) => a.begin - b.begin)) {
    // As dense as the score is high, the heaviest word most.
    const mark = make('mark', { title: percent(contribution, 1) }, text.slice(begin, end));
    mark.style.setProperty('--weight', (DENSEST * toxic_score * (contribution / heaviest)).toFixed(3));
    why.append(text.slice(at, begin), mark);
    at = end;
  }
  why.append(text.slice(at));
  const named = spans
    .slice(0, MOST_NAMED)
    .filter(({ contribution }) => contribution >= 0.01)
    .map(({ begin, end, contribution }) => `${text.slice(begin, end)} ${percent(contribution)}`);
  note.textContent = named.length > 0 ? say('whyNote', { words: named.join(', ') }) : say('whyNone');
}

/** The call that the page made, for a shell. The key is not shown: it comes from the environment. */
function curl(): string {
  const body = JSON.stringify({ text: input.value, threshold: threshold() });
  return [
    `curl -s ${quoted(address('v1/explain'))}`,
    `-H 'Content-Type: application/json'`,
    ...(hasKey() ? ['-H "X-API-Key: $API_KEY"'] : []),
    `-d ${quoted(body)}`,
  ].join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

async function copyCurl(): Promise<void> {
  const said = byId('curl-said');
  try {
    await navigator.clipboard.writeText(curl());
    said.textContent = say('copied');
  } catch {
    // Pages that are not from this machine or https may not write to the clipboard.
    getSelection()?.selectAllChildren(byId('curl-text'));
    said.textContent = say('copyByHand');
  }
}
