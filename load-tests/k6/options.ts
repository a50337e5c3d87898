import type { Options, Scenario } from 'k6/options';

/** Comments a second in an ordinary hour: what the other figures are multiples of. */
export const RATE = number('RATE', 200);

/** Multiplies every length of time, so that a script can be tried in less: --env STRETCH=0.1 */
const STRETCH = number('STRETCH', 1);

/** What holds in every script: each answer is right or an orderly refusal. */
const ALWAYS = {
  checks: ['rate==1'],
  http_req_failed: ['rate==0'],
};

/** The options of a script; its thresholds are added to those that hold in every one. */
export function options(
  scenarios: Record<string, Scenario>,
  thresholds: Options['thresholds'] = {},
): Options {
  return {
    scenarios,
    thresholds: { ...ALWAYS, ...thresholds },
    summaryTrendStats: ['avg', 'med', 'p(95)', 'p(99)', 'max'],
    noUsageReport: true,
  };
}

/** Open loop: arrivals go through the stages [comments a second, minutes], whether answers come or not. */
export function arrivals(start: number, stages: readonly [rate: number, minutes: number][]): Scenario {
  const highest = Math.max(...stages.map(([rate]) => rate));
  return {
    executor: 'ramping-arrival-rate',
    startRate: start,
    timeUnit: '1s',
    stages: stages.map(([rate, minutes]) => ({
      target: rate,
      duration: `${Math.max(1, Math.round(minutes * 60 * STRETCH))}s`,
    })),
    // Enough for answers of 100 ms; up to a second each before k6 drops arrivals (dropped_iterations).
    preAllocatedVUs: Math.max(10, Math.ceil(highest / 10)),
    maxVUs: Math.min(5000, Math.max(20, highest)),
    gracefulStop: '15s',
  };
}

function number(name: string, fallback: number): number {
  const value = Number(__ENV[name] ?? fallback);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}
