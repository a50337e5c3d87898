import { nextComment } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { classify } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** Hours of ordinary load: what leaks or slows down shows. Watch the memory of the processes meanwhile. */
export const options = all(
  {
    soak: arrivals(1, [
      [RATE, 5],
      [RATE, 240],
      [0, 1],
    ]),
  },
  {
    rutox_refused: ['rate<0.0001'],
    'http_req_duration{name:classify}': ['p(99)<150'],
  },
);

export default function soak(): void {
  classify(nextComment());
}
