import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openThreadPool, type ThreadPool } from '../../src/inference/thread-pool.js';
import { verifyModel } from '../../src/model/verify.js';
import { packageRoot } from '../../src/package-root.js';
import { copyOfModel, modelWith, realModelDir } from '../fixtures/model-dir.js';

interface Golden {
  format: number;
  cases: { text: string; units: number[][]; score: number }[];
}

const model = await verifyModel(realModelDir);
const workerFile = join(packageRoot, 'dist', 'workers', 'classify.js');
const goldenText = readFileSync(join(realModelDir, 'golden.json'), 'utf8');
const golden = JSON.parse(goldenText) as Golden;

/** The real model in real threads. */
describe('workers/classify', () => {
  let pool: ThreadPool;
  beforeAll(async () => {
    pool = await openThreadPool({ workerFile, model, threads: 2 });
  });
  afterAll(() => pool.close());

  const scores = async (texts: string[]) => (await pool.run(texts)).scores;

  it('gives the golden scores, in the order of the texts', async () => {
    const cases = [...golden.cases, ...golden.cases.toReversed()];
    const actual = await scores(cases.map(({ text }) => text));
    cases.forEach(({ score }, index) => expect(Math.abs(actual[index]! - score)).toBeLessThanOrEqual(0.005));
  });

  it('scores a text alike alone and among others, however long they are', async () => {
    const texts = golden.cases.map(({ text }) => text);
    const alone: number[] = [];
    for (const text of texts) alone.push((await scores([text]))[0]!);
    const long = 'слово и ещё одно словечко, '.repeat(60);
    const together = await scores([long, ...texts.flatMap((text) => [text, '!', long.slice(0, 300)])]);
    alone.forEach((score, index) => expect(together[1 + index * 3]).toBeCloseTo(score, 5));
  });

  it('gives 0 to a text without words, and a probability to any other', async () => {
    expect(await scores(['', '   ', '\u200B'])).toEqual([0, 0, 0]);
    const hostile = ['\0', '\uD800', 'а'.repeat(20_000), '.'.repeat(5000), '🤬🤬🤬', 'ё\u0301'.repeat(500)];
    for (const score of await scores(hostile)) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('reads a long text to its end: the highest window speaks for it', async () => {
    const filler = 'Сегодня мы гуляли в парке и кормили уток. '.repeat(100);
    const [calm, long] = await scores([filler, `${filler}Ты тупой идиот, заткнись`]);
    expect(calm).toBeLessThan(0.5);
    expect(long).toBeGreaterThan(0.5);
  });

  it('reports how long it took', async () => {
    const { tokenizeMs, inferenceMs } = await pool.run(['раз два три']);
    expect(tokenizeMs).toBeGreaterThan(0);
    expect(inferenceMs).toBeGreaterThan(0);
  });

  it('needs the directory no more once it is verified: threads that come later load the same model', async () => {
    const modelDir = copyOfModel();
    const verified = await verifyModel(modelDir);
    rmSync(modelDir, { recursive: true });
    const late = await openThreadPool({ workerFile, model: verified, threads: 1 });
    const { text, score } = golden.cases[0]!;
    expect(Math.abs((await late.run([text])).scores[0]! - score)).toBeLessThanOrEqual(0.005);
    await late.close();
  });

  it('survives a close with batches under way', async () => {
    for (let i = 0; i < 3; i++) {
      const short = await openThreadPool({ workerFile, model, threads: 2 });
      const texts = Array.from({ length: 200 }, (_, n) => `комментарий номер ${n} о погоде`);
      const batches = Array.from({ length: 4 }, () => short.run(texts));
      await short.close();
      for (const { scores: each } of await Promise.all(batches)) expect(each).toHaveLength(200);
    }
  });
});

describe('workers/classify with a model that is not as it should be', () => {
  const [first, ...others] = golden.cases;
  const otherScore = {
    format: 1,
    cases: [{ ...first!, score: first!.score > 0.5 ? 0.01 : 0.99 }, ...others],
  };
  const otherUnits = { format: 1, cases: [{ ...first!, units: [...first!.units, [1]] }] };

  it.each<[string, Record<string, string>, RegExp]>([
    ['another golden score', { 'golden.json': JSON.stringify(otherScore) }, /golden\.json: case 0 scores/],
    [
      'another golden encoding',
      { 'golden.json': JSON.stringify(otherUnits) },
      /golden\.json: case 0 is encoded/,
    ],
    ['a vocabulary of another shape', { 'vocab.json': '{"format":1}' }, /vocab\.json: .*words/],
    ['a model that is none', { 'cnn_int8.onnx': 'no protobuf', 'cnn_fp32.onnx': 'no protobuf' }, /\S/],
  ])('does not start with %s, and says why in one line', async (_what, change, expected) => {
    const modelDir = modelWith(change);
    const model = await verifyModel(modelDir);
    rmSync(modelDir, { recursive: true });
    const error = await openThreadPool({ workerFile, model, threads: 2 }).then(
      () => new Error('started'),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).not.toBe('started');
    expect(error.message).toMatch(expected);
    expect(error.message).not.toContain('\n');
  });
});
