import { Argument, Command, InvalidArgumentError } from 'commander';
import { fuzz } from './fuzz.js';

interface Result {
  readonly report: object;
  /** What the report promises holds. */
  readonly holds: boolean;
}

/** The long form of each test in test/faults/, and what must hold on a machine that does nothing else. */
const SCENARIOS: Record<string, (seed: number) => Promise<Result>> = {
  async fuzz(seed) {
    const report = await fuzz({ seed, requests: 100_000, seconds: Infinity });
    return { report, holds: report.faults.length === 0 && onlyAnswers(report.honest) };
  },
};

/** Every request of honest clients was answered with 200. */
function onlyAnswers(counts: Record<string, number>): boolean {
  return Object.keys(counts).join() === '200';
}

await new Command('npm run faults --')
  .description(
    'the long form of the tests in test/faults/: prints what it measured, fails when a promise is broken',
  )
  .addArgument(new Argument('<name>', 'what to do to the server').choices(Object.keys(SCENARIOS)))
  .option('--seed <number>', 'where its random choices start', parseSeed, Date.now() % 1_000_000)
  .action(async (name: string, { seed }: { seed: number }) => {
    console.error(`${name}, seed ${seed}`);
    const { report, holds } = await SCENARIOS[name]!(seed);
    console.log(JSON.stringify({ scenario: name, seed, ...report, holds }, null, 2));
    if (!holds) process.exitCode = 1;
  })
  .parseAsync();

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('must be a whole number of at most nine digits.');
  return Number(text);
}
