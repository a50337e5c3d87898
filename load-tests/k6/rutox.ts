import { check } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { Rate } from 'k6/metrics';

export const BASE_URL = __ENV['BASE_URL'] ?? 'http://localhost:8000';

const KEY = __ENV['API_KEY'];

/** Share of requests that were refused because there was too much to do (429, 503). */
const refused = new Rate('rutox_refused');

/** Share of refusals that say when to come again. */
const saysWhen = new Rate('rutox_refusal_says_when');

// A refusal is an answer, not a failure: the thresholds of each script say how many there may be.
http.setResponseCallback(http.expectedStatuses(200, 429, 503));

type Answer = RefinedResponse<'text'>;

/** Sends JSON; an answer that is neither a refusal nor what `isRight` expects fails the check `name`. */
export function post(
  name: string,
  path: string,
  body: object,
  isRight: (answer: Answer) => boolean,
  headers: Record<string, string> = KEY === undefined ? {} : { Authorization: `Bearer ${KEY}` },
): void {
  const answer = http.post(`${BASE_URL}${path}`, JSON.stringify(body), {
    headers: { 'Content-Type': 'application/json', ...headers },
    // One series for each call, whatever stands in the query.
    tags: { name },
    responseType: 'text',
    timeout: '15s',
  });
  const isRefused = answer.status === 429 || answer.status === 503;
  refused.add(isRefused, { name });
  if (isRefused) saysWhen.add(answer.headers['Retry-After'] !== undefined, { name });
  else check(answer, { [name]: (each) => each.status === 200 && isRight(each) }, { name });
}

export function classify(text: string): void {
  post('classify', '/v1/classify', { text }, (answer) => isProbability(answer.json('toxic_score')));
}

export function classifyBatch(texts: readonly string[]): void {
  post('classify_batch', '/v1/classify/batch', { texts }, (answer) => {
    const scores = answer.json('results.#.toxic_score');
    return Array.isArray(scores) && scores.length === texts.length && scores.every(isProbability);
  });
}

export function isProbability(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}
