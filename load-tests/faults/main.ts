import { Argument, Command, InvalidArgumentError } from 'commander';
import { whole } from '../bench/markdown.js';
import { replacePart } from '../bench/results-file.js';
import { fuzz } from './fuzz.js';
import { hostileClients } from './hostile-clients.js';
import { overload } from './overload.js';
import { processDeath } from './process-death.js';
import { reload } from './reload.js';
import { shutdown } from './shutdown.js';
import { soak } from './soak.js';
import { threadFailure } from './thread-failure.js';

const HOW =
  'Written by `npm run faults -- all --write`, the long form of the tests in `test/faults/`: real processes, real signals, load ' +
  'from other processes on the same CPUs. What is meant to hold is listed with each; what did not says so.';

interface Result {
  /** What was measured, in a line. */
  readonly line: string;
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
      line: `${report.kills} kills: ${sum(report.failed)} requests on their way failed, ${report.failedWithoutCause} others; replaced after ${spread(report.replacedMs)} ms`,
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
      line: `answers while single runs fail: ${statuses(report.exits)} (thread ends), ${statuses(report.throws)} (run throws); while all fail: ${statuses(report.broken)}; afterwards: ${statuses(report.recovered)}`,
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
      line: `answers: ${statuses(report.kept)} (kept connections), ${statuses(report.fresh)} (new ones), ${statuses(report.damaged)} (damaged model); a reload took ${spread(report.reloadMs)} ms`,
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
      line: `${reports.length} stops under load: ${reports.filter(({ exitCode }) => exitCode === 0).length} with exit code 0, ${sum(reports.map(({ lost }) => sum(Object.values(lost))))} accepted requests lost; stopped after ${spread(reports.map(({ stoppedMs }) => stoppedMs))} ms`,
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
      line: `capacity ${whole(report.capacity)} texts/s, offered ${whole(report.offered)}, answered ${whole(report.goodput)} (${percent(report.goodput / report.capacity)}); refusals p50 ${whole(report.refusalMs.p50)} ms, p99 ${whole(report.refusalMs.p99)} ms; memory ${report.memoryMb.map(whole).join(', ')} MB before, at most, after; normal after ${whole(report.normalAfterMs)} ms`,
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
      line: `${report.connections} slow or half-open connections: ${closed} of ${of} closed by the server, ${report.leftOpen} left open; honest clients ${statuses(report.honest)}, p99 ${report.honestP99Ms.map(whole).join(' and ')} ms before and during; memory ${report.memoryMb.map(whole).join(', ')} MB before, during, after`,
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
      line: `${whole(report.requests)} requests over ${whole(report.connections)} connections: ${report.faults.length} faults; ${statuses(report.statuses)}; slowest ${whole(report.slowestMs)} ms; honest clients ${statuses(report.honest)}`,
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
      line: `${whole(report.comments)} comments in ${whole(report.seconds)} s; resident memory of all processes ${report.memoryMb.map(whole).join(', ')} MB at start, middle, end: ${percent(report.growth)} growth over the last half`,
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** "200: 1,234, 503: 5" */
function statuses(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([status, count]) => `${status}: ${whole(count)}`)
    .join(', ');
}

function spread(values: readonly number[]): string {
  return `${whole(Math.min(...values))} to ${whole(Math.max(...values))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function run(name: string, seed: number): Promise<string> {
  console.error(`${name}, seed ${seed}`);
  const { line, report, promises } = await SCENARIOS[name]!(seed);
  console.log(JSON.stringify({ scenario: name, seed, ...report, promises }, null, 2));
  if (Object.values(promises).includes(false)) process.exitCode = 1;
  const kept = Object.entries(promises).map(([what, isKept]) => `${isKept ? '' : '**not kept:** '}${what}`);
  return `- **${name}** (seed ${seed}): ${line}. Promises: ${kept.join('; ')}.`;
}

await new Command('npm run faults --')
  .description(
    'the long form of the tests in test/faults/: prints what it measured, fails when a promise is broken',
  )
  .addArgument(
    new Argument('<name>', 'what is done to the server').choices([...Object.keys(SCENARIOS), 'all']),
  )
  .option('--seed <number>', 'where its random choices start', parseSeed, Date.now() % 1_000_000)
  .option('--write', 'with all: write it into load-tests/RESULTS.md')
  .action(async (name: string, { seed, write }: { seed: number; write?: true }) => {
    const names = name === 'all' ? Object.keys(SCENARIOS) : [name];
    const lines: string[] = [];
    for (const each of names) lines.push(await run(each, seed));
    if (write && name === 'all') await replacePart('faults', `${HOW}\n\n${lines.join('\n')}`);
  })
  .parseAsync();

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('must be a whole number of at most nine digits.');
  return Number(text);
}
