import { config, model, Refusal, setKey, whenUnauthorized } from './api.js';
import { setBatchLimits, startBatch } from './batch.js';
import { showCard, startCard } from './card.js';
import { scoreAgain, setLimits, startComment } from './comment.js';
import { byId, tell } from './dom.js';
import { openTabs } from './tabs.js';
import { showCurve, startThreshold } from './threshold.js';
import { currentLanguage, inEveryLanguage, isWord, say, setLanguage, type Language } from './words.js';

const LANGUAGE = 'rutox-language';

startThreshold();
startComment();
startBatch();
startCard();
startLanguages();
startKey();
openTabs();
// On a phone that would open the keyboard over the page.
if (matchMedia('(min-width: 46rem)').matches) byId('comment').focus();
void load();

/** What the page must know of the server; asked again once a key has come. */
async function load(): Promise<void> {
  try {
    const settings = await config();
    setLimits(settings);
    setBatchLimits(settings);
    const card = await model();
    byId('version').textContent = card.version;
    showCurve(card);
    showCard(card, settings);
    tell(byId('error'), '');
    scoreAgain();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) tell(byId('error'), error.message);
  }
}

function startKey(): void {
  const form = byId<HTMLFormElement>('key-form');
  const input = byId<HTMLInputElement>('key');
  whenUnauthorized((hadKey) => {
    form.hidden = false;
    byId('key-note').textContent = say(hadKey ? 'keyWrong' : 'keyNote');
    input.focus();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    setKey(input.value.trim());
    form.hidden = true;
    void load();
  });
}

function startLanguages(): void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-language]')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const to = button.dataset['language'] as Language;
      localStorage.setItem(LANGUAGE, to);
      setLanguage(to);
    });
  }
  inEveryLanguage(() => {
    document.documentElement.lang = currentLanguage();
    document.title = `rutox: ${say('tagline')}`;
    translate('data-t', (element, words) => (element.textContent = words));
    translate('data-t-label', (element, words) => element.setAttribute('aria-label', words));
    translate('data-t-placeholder', (element, words) => element.setAttribute('placeholder', words));
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset['language'] === currentLanguage()));
    }
  });
  // Russian, whatever the browser prefers: that is what the comments are in.
  if (localStorage.getItem(LANGUAGE) === 'en') setLanguage('en');
}

function translate(attribute: string, put: (element: Element, words: string) => void): void {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    const word = element.getAttribute(attribute)!;
    if (isWord(word)) put(element, say(word));
  }
}
