import { Argument, Command, InvalidArgumentError } from 'commander';
import { fuzz } from './fuzz.js';
import { hostileClients } from './hostile-clients.js';
import { overload } from './overload.js';
import { processDeath } from './process-death.js';
import { reload } from './reload.js';
import { shutdown } from './shutdown.js';
import { soak } from './soak.js';
import { threadFailure } from './thread-failure.js';

interface Result {
  /** What was measured. */
  readonly report: object;
  /** The promises that it keeps or breaks. */
  readonly promises: Record<string, boolean>;
}

/** The long form of each test in test/faults/, and what must hold on a machine that does nothing else. */
const SCENARIOS: Record<string, (seed: number) => Promise<Result>> = {
  async 'process-death'(seed) {
    const report = await processDeath({ seed, kills: 10 });
    return {
      report,
      promises: {
        'only requests on their way to it fail': report.failedWithoutCause === 0,
        'nothing hangs': report.counts['hangs'] === undefined,
        'no counter falls': report.fallen.length === 0,
        'the primary ends in order': report.exitCode === 0,
      },
    };
  },
  async 'thread-failure'(seed) {
    const report = await threadFailure({ seed, times: 20, brokenMs: 5000 });
    return {
      report,
      promises: {
        'a failure of one run costs no answer': allAnswered(report.exits) && allAnswered(report.throws),
        'failures of all are answered with 503': Object.keys(report.broken).every((status) =>
          ['200', '503'].includes(status),
        ),
        'the service goes on': allAnswered(report.recovered),
      },
    };
  },
  async reload(seed) {
    const report = await reload({ seed, times: 10 });
    return {
      report,
      promises: {
        'no request fails': [report.kept, report.fresh, report.damaged].every(allAnswered),
        'a damaged model changes nothing': report.stayed && report.counted.failed === 2,
        'log and exit code say so': report.logged && report.exitCodes.join() === '1,0',
      },
    };
  },
  async shutdown(seed) {
    const reports = [];
    for (const processes of [1, 2]) {
      for (const asleep of [false, true]) {
        for (let time = 0; time < 5; time++) {
          const report = await shutdown({ seed: seed + time, processes, asleep, afterMs: 1000 });
          reports.push({ processes, asleep, ...report });
        }
      }
    }
    return {
      report: { stops: reports },
      promises: {
        'no accepted request is lost': reports.every(({ lost }) => Object.keys(lost).length === 0),
        'exit code 0': reports.every(({ exitCode }) => exitCode === 0),
      },
    };
  },
  async overload(seed) {
    const report = await overload({ seed, seconds: 20, factor: 4 });
    return {
      report,
      promises: {
        'goodput is 90 % of capacity': report.goodput >= 0.9 * report.capacity,
        'refusals come within 50 ms': report.refusalMs.p99 <= 50,
        'normal within a second': report.normalAfterMs <= 1000,
      },
    };
  },
  async 'hostile-clients'(seed) {
    const report = await hostileClients({ seed, connections: 1000, holdMs: 45_000 });
    const [closed, of] = report.closedByServer;
    return {
      report,
      promises: {
        'honest clients are all answered': allAnswered(report.honest),
        'the server closes what never becomes a request': closed === of,
        'no connection is left': report.leftOpen === 0,
      },
    };
  },
  async fuzz(seed) {
    const report = await fuzz({ seed, requests: 100_000, seconds: Infinity });
    return {
      report,
      promises: {
        'each is answered or refused, none with a fault': report.faults.length === 0,
        'honest clients are all answered': allAnswered(report.honest),
      },
    };
  },
  async soak(seed) {
    const report = await soak({ seed, comments: 1_000_000 });
    return {
      report,
      promises: {
        'memory grows by at most 3 % in the last half': report.growth <= 0.03,
        'all are answered': allAnswered(report.counts),
      },
    };
  },
};

function allAnswered(counts: Record<string, number>): boolean {
  return Object.keys(counts).join() === '200';
}

await new Command('npm run faults --')
  .description(
    'the long form of a test in test/faults/: prints what it measured, fails when a promise is broken',
  )
  .addArgument(new Argument('<name>', 'what is done to the server').choices(Object.keys(SCENARIOS)))
  .option('--seed <number>', 'where its random choices start', parseSeed, Date.now() % 1_000_000)
  .action(async (name: string, { seed }: { seed: number }) => {
    console.error(`${name}, seed ${seed}`);
    const { report, promises } = await SCENARIOS[name]!(seed);
    console.log(JSON.stringify({ scenario: name, seed, ...report, promises }, null, 2));
    if (Object.values(promises).includes(false)) process.exitCode = 1;
  })
  .parseAsync();

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('must be a whole number of at most nine digits.');
  return Number(text);
}
