import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Contender } from '../bench/contender.js';
import { openEngine } from '../bench/engine.js';
import { playRounds, warmUp, type Turn } from '../bench/measure.js';
import { ownStack } from '../bench/own-stack.js';
import type { Bench, Section } from '../bench/section.js';
import { fastApi } from '../servers/python-peers.js';
import { withServers } from '../servers/server-process.js';
import { lineOf, ratioOf, render, type EngineFigures } from './engine-report.js';

const BATCH_SIZES = [32, 64];

/** Texts to scores in batches, on one core, against the predecessor's CNN. */
export async function engine(bench: Bench): Promise<Section> {
  return withServers(fastApi(bench, 1), ([server]) => compare(bench, server && ownStack(server)));
}

async function compare(
  { comments, source, model, ...bench }: Bench,
  inItsStack: Contender | undefined,
): Promise<Section> {
  const { wholePath, textPipeline, newWords } = await openEngine(model);
  // Imported here because ONNX Runtime must not be loaded before its telemetry is off.
  const { openPredecessor } = await import('../bench/predecessor.js');
  const predecessor = await openPredecessor(join(packageRoot, 'load-tests', 'bench', 'predecessor.onnx'));

  const turns: Turn[] = [];
  for (const contender of [wholePath, predecessor, textPipeline, ...(inItsStack ? [inItsStack] : [])]) {
    bench.say(`engine: warming up ${contender.name}`);
    turns.push(await warmUp(contender, BATCH_SIZES, source));
  }
  // Before the last, which may be missing. Each comment once: a word is new only the first time.
  turns.splice(3, 0, {
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
    ownStack: inItsStack && ratioOf(measured.at(-1)!, measured[0]!),
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
