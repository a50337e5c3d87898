import type { Scenario } from 'k6/options';
import { nextComment, nextComments } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { isProbability, post } from './rutox.ts';

export { handleSummary } from './summary.ts';

const third = (exec: string): Scenario => ({
  ...arrivals(
    1,
    [
      [RATE / 3, 1],
      [RATE / 3, 5],
    ].map(whole),
  ),
  exec,
});

/** The three compatible APIs side by side, each with a third of the ordinary rate. */
export const options = all(
  { perspective: third('perspective'), openai: third('openai'), inference: third('inference') },
  {
    rutox_refused: ['rate==0'],
    'http_req_duration{name:perspective}': ['p(99)<150'],
    'http_req_duration{name:openai}': ['p(99)<150'],
    'http_req_duration{name:inference}': ['p(99)<150'],
  },
);

export function perspective(): void {
  const query = __ENV['API_KEY'] === undefined ? '' : `?key=${__ENV['API_KEY']}`;
  const body = {
    comment: { text: nextComment() },
    requestedAttributes: { TOXICITY: {} },
    languages: ['ru'],
    doNotStore: true,
  };
  post('perspective', `/v1alpha1/comments:analyze${query}`, body, (answer) =>
    isProbability(answer.json('attributeScores.TOXICITY.summaryScore.value')),
  );
}

export function openai(): void {
  post('openai', '/v1/moderations', { input: nextComment() }, (answer) =>
    isProbability(answer.json('results.0.category_scores.harassment')),
  );
}

export function inference(): void {
  const data = nextComments(4);
  const body = { inputs: [{ name: 'text', shape: [data.length], datatype: 'BYTES', data }] };
  post('inference', '/v2/models/toxicity/infer', body, (answer) => {
    const scores = answer.json('outputs.0.data');
    return Array.isArray(scores) && scores.length === data.length && scores.every(isProbability);
  });
}

function whole([rate = 1, minutes = 1]: readonly number[]): [number, number] {
  return [Math.ceil(rate), minutes];
}
