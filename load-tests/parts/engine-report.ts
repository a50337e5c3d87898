import { decimal, spread, table, whole } from '../bench/markdown.js';
import type { Measured } from '../bench/measure.js';
import { pairwiseRatios, summarise, type Summary } from '../bench/statistics.js';

export interface Line {
  readonly name: string;
  readonly batchSize: number;
  readonly usPerComment: Summary;
  readonly commentsPerSecond: number;
  readonly cores: number;
}

export interface EngineFigures {
  readonly rounds: number;
  readonly lines: readonly Line[];
  /** How many times faster the first line is than the second, round by round. */
  readonly ratio: Summary;
  /** The same for the predecessor's CNN in its own stack, where that could be started. */
  readonly ownStack: Summary | undefined;
}

/** Sums up what a contender needed. */
export function lineOf(name: string, batchSize: number, { usPerComment, cores }: Measured): Line {
  const summary = summarise(usPerComment);
  return {
    name,
    batchSize,
    usPerComment: summary,
    commentsPerSecond: 1e6 / summary.median,
    cores: summarise(cores).median,
  };
}

/** How many times the time of `fast` the time of `slow` is. */
export function ratioOf(slow: Measured, fast: Measured): Summary {
  return summarise(pairwiseRatios(slow.usPerComment, fast.usPerComment));
}

export function render({ rounds, lines, ratio, ownStack }: EngineFigures): string {
  const rows = lines.map(({ name, batchSize, usPerComment, commentsPerSecond, cores }) => [
    name,
    String(batchSize),
    spread(usPerComment, decimal),
    whole(commentsPerSecond),
    cores.toFixed(2),
  ]);
  const header = ['', 'batch', 'µs a comment (quartiles)', 'comments a second', 'cores used'];
  return [
    table(header, rows),
    `**${times(ratio)} times as fast as the predecessor's CNN**, ${rounds} rounds, the ratio round by round.`,
    ownStack === undefined
      ? "The predecessor's CNN in its own stack was left out: see `peers/README.md`."
      : `**${times(ownStack)} times as fast as the predecessor's CNN in its own stack**.`,
    NOTES,
  ].join('\n\n');
}

function times(ratio: Summary): string {
  return spread(ratio, (value) => value.toFixed(1));
}

const NOTES = `- **rutox, texts to scores**: what a thread of the server does with a batch, by the code the server runs: normalise,
  tokenise, encode, cut into windows, int8 network, score. One intra-op thread.
- **The predecessor's CNN**: embedding 20,000 × 256, 256 filters of each of the widths 3, 4 and 5, in the same
  ONNX Runtime with one intra-op thread, every text padded or cut to 128 words. Its own text work is not counted,
  in its favour. Its weights are constants, which does not change its speed (\`bench/make_predecessor.py\`).
- **The text pipeline** is timed once more by itself: as it runs, with words it remembers from earlier comments, and with
  an encoder that meets each word for the first time.
- **In its own stack**: FastAPI, uvicorn and TorchScript in one process with one thread, asked in batches over HTTP, its own text work
  included (\`peers/fastapi_server.py\`); the cores are that process's.
- All take turns, a quarter of a second each (with every word new: each comment once), after a warm-up; each at the
  better of two batch sizes.
- The ratio depends on the comments: the longer they are, the more time rutox takes, while the predecessor's CNN takes
  the same for each. \`npm run bench -- --data FILE\` tells for other comments, \`--model FOLDER\` for another model.`;
