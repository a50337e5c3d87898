import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { openEngine } from '../bench/engine.js';
import { playRounds, warmUp, type Turn } from '../bench/measure.js';
import type { Bench, Section } from '../bench/section.js';
import { lineOf, ratioOf, render, type EngineFigures } from './engine-report.js';

const BATCH_SIZES = [32, 64];

/** Texts to scores in batches, on one core, against the predecessor's CNN. */
export async function engine({ comments, source, model, ...bench }: Bench): Promise<Section> {
  const { wholePath, textPipeline, newWords } = await openEngine(model);
  // Imported here because ONNX Runtime must not be loaded before its telemetry is off.
  const { openPredecessor } = await import('../bench/predecessor.js');
  const predecessor = await openPredecessor(join(packageRoot, 'load-tests', 'bench', 'predecessor.onnx'));

  const turns: Turn[] = [];
  for (const contender of [wholePath, predecessor, textPipeline]) {
    bench.say(`engine: warming up ${contender.name}`);
    turns.push(await warmUp(contender, BATCH_SIZES, source));
  }
  // Each comment once: a word is new only the first time.
  turns.push({
    contender: newWords,
    batchSize: comments.length,
    batches: () => [source(comments.length)],
  });

  const rounds = bench.rounds(60);
  bench.say(`engine: ${rounds} rounds`);
  const measured = await playRounds(turns, rounds);
  const figures: EngineFigures = {
    rounds,
    lines: turns.map(({ contender, batchSize }, index) =>
      lineOf(contender.name, batchSize, measured[index]!),
    ),
    ratio: ratioOf(measured[1]!, measured[0]!),
  };
  return {
    title: "The engine against the predecessor's CNN, on one core",
    body: render(figures),
    checks: [
      {
        what: "engine over the predecessor's CNN in ONNX Runtime, one core",
        value: figures.ratio.median,
        target: 30,
        better: 'higher',
      },
    ],
    plots: {},
    figures,
  };
}
