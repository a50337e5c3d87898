import { nextComment } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { classify } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** The busiest hour of the year: three times the ordinary rate, held. Slower answers are fine, a refusal now and then, too. */
export const options = all(
  {
    stress: arrivals(1, [
      [RATE, 2],
      [3 * RATE, 3],
      [3 * RATE, 10],
      [0, 1],
    ]),
  },
  {
    rutox_refused: ['rate<0.01'],
    rutox_refusal_says_when: ['rate==1'],
    'http_req_duration{name:classify}': ['p(99)<1000'],
  },
);

export default function stress(): void {
  classify(nextComment());
}
