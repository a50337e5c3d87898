import { render, type Report } from './report.js';

/** load-tests/RESULTS.md: figures and how they were taken. */
export function resultsFile(report: Report): string {
  return `# Results

Written by \`npm run bench -- --write\`; every figure below comes from that one run.

## The engine against the predecessor's CNN, on one core

${render(report)}

- **rutox, texts to scores**: what a thread of the server does with a batch, by the code the server runs: normalise,
  tokenise, encode, cut into windows, int8 network, score. One intra-op thread.
- **The predecessor's CNN**: embedding 20,000 × 256, 256 filters of each of the widths 3, 4 and 5, in the same
  ONNX Runtime with one intra-op thread, every text padded or cut to 128 words. Its own text work is not counted,
  in its favour. Its weights are constants, which does not change its speed (\`bench/make_predecessor.py\`).
- **The text pipeline** is timed once more by itself: as it runs, with words it remembers from earlier comments, and with
  an encoder that meets each word for the first time.
- All take turns in one process, a quarter of a second each (the last one: each comment once), after a warm-up; each at the
  better of two batch sizes. Figures are medians over the rounds; the ratio is taken round by round, so that
  other work on the machine slows both sides of a pair. Comments come in a random order with a fixed seed.
- The ratio depends on the comments: the longer they are, the more time rutox takes, while the predecessor's CNN takes
  the same for each. \`npm run bench -- --data FILE\` tells for other comments, \`--model FOLDER\` for another model.
`;
}
