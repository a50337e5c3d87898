import { nextComment, nextComments } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { classify, classifyBatch } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** An ordinary hour, shortened: nothing is refused and answers are quick. Besides single comments, a batch of 32 now and then. */
export const options = all(
  {
    single: {
      ...arrivals(1, [
        [RATE, 1],
        [RATE, 5],
        [0, 0.5],
      ]),
      exec: 'single',
    },
    batches: { ...arrivals(1, [[Math.ceil(RATE / 100), 6.5]]), exec: 'batch' },
  },
  {
    rutox_refused: ['rate==0'],
    dropped_iterations: ['count==0'],
    'http_req_duration{name:classify}': ['p(95)<50', 'p(99)<150'],
    'http_req_duration{name:classify_batch}': ['p(99)<500'],
  },
);

export function single(): void {
  classify(nextComment());
}

export function batch(): void {
  classifyBatch(nextComments(32));
}
