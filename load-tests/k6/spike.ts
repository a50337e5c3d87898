import { nextComment } from './comments.ts';
import { arrivals, options as all, RATE } from './options.ts';
import { classify } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** A post goes viral: ten times the ordinary rate within seconds. What is too much is refused in order, and then all is well again. */
export const options = all(
  {
    spike: {
      ...arrivals(RATE, [
        [RATE, 1],
        [10 * RATE, 0.2],
        [10 * RATE, 1],
        [RATE, 0.2],
      ]),
    },
    afterwards: {
      ...arrivals(RATE, [[RATE, 2]]),
      startTime: '160s',
      exec: 'afterwards',
      tags: { part: 'afterwards' },
    },
  },
  {
    rutox_refusal_says_when: ['rate==1'],
    'rutox_refused{part:afterwards}': ['rate==0'],
    'http_req_duration{part:afterwards}': ['p(99)<150'],
  },
);

export default function spike(): void {
  classify(nextComment());
}

export function afterwards(): void {
  classify(nextComment());
}
