import { nextComment } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { classify } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** How much is too much? More and more, until answers are late or refused; `http_reqs` at that point tells the capacity. */
export const options = all(
  { breakpoint: arrivals(1, [[100 * RATE, 30]]) },
  {
    rutox_refused: [{ threshold: 'rate<0.01', abortOnFail: true, delayAbortEval: '10s' }],
    'http_req_duration{name:classify}': [
      { threshold: 'p(99)<500', abortOnFail: true, delayAbortEval: '10s' },
    ],
    // Else k6, not the server, was at its end.
    dropped_iterations: [{ threshold: 'count<1000', abortOnFail: true }],
  },
);

export default function breakpoint(): void {
  classify(nextComment());
}
