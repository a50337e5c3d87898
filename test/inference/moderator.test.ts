import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createAdmission } from '../../src/inference/admission.js';
import type { Batcher } from '../../src/inference/batcher.js';
import { createModerator } from '../../src/inference/moderator.js';
import type { Manifest } from '../../src/model/manifest.js';
import { FakeClock } from '../fixtures/fake-clock.js';
import { realModelDir } from '../fixtures/model-dir.js';

const real = JSON.parse(readFileSync(join(realModelDir, 'manifest.json'), 'utf8')) as Manifest;
const policy = (threshold: number) => ({ threshold, precision: 0.9, recall: 0.9 });
const manifest: Manifest = {
  ...real,
  version: '7.1',
  default_policy: 'balanced',
  policies: { premoderate: policy(0.2), balanced: policy(0.5), autoban: policy(0.9) },
};

function setup(submit: Batcher['submit'], permits = 100, maxTexts = 100) {
  const verdicts: [boolean, number][] = [];
  const clock = new FakeClock();
  const moderator = createModerator({
    manifest,
    admission: createAdmission(permits, clock),
    batcher: { submit, depth: () => 0 },
    metrics: { verdict: (isToxic, score) => verdicts.push([isToxic, score]) },
    clock,
    maxTexts,
    timeoutMs: 1234,
  });
  return { moderator, verdicts, clock };
}

const answer =
  (...scores: number[]) =>
  async () => ({ scores, queueMs: 1, tokenizeMs: 2, inferenceMs: 3 });

describe('createModerator', () => {
  it('compares scores with the default policy, and tells what it used', async () => {
    const { moderator, verdicts } = setup(answer(0.51, 0.5, 0.01));
    expect(await moderator.moderate(['а', 'б', 'в'])).toEqual({
      verdicts: [
        { isToxic: true, score: 0.51 },
        { isToxic: false, score: 0.5 },
        { isToxic: false, score: 0.01 },
      ],
      threshold: 0.5,
      model: '7.1',
      timings: { queueMs: 1, tokenizeMs: 2, inferenceMs: 3 },
    });
    expect(verdicts).toEqual([
      [true, 0.51],
      [false, 0.5],
      [false, 0.01],
    ]);
  });

  it('takes the threshold from the policy, and before it from the request', async () => {
    const { moderator } = setup(answer(0.6));
    const isToxic = async (options: Parameters<typeof moderator.moderate>[1]) => {
      const { verdicts, threshold } = await moderator.moderate(['а'], options);
      return [verdicts[0]!.isToxic, threshold];
    };
    expect(await isToxic({ policy: 'premoderate' })).toEqual([true, 0.2]);
    expect(await isToxic({ policy: 'autoban' })).toEqual([false, 0.9]);
    expect(await isToxic({ policy: 'autoban', threshold: 0.59 })).toEqual([true, 0.59]);
    expect(await isToxic({ threshold: 0 })).toEqual([true, 0]);
  });

  it('rounds a score before it compares it, so that every answer agrees with itself', async () => {
    const { moderator } = setup(answer(Math.fround(0.98), 0.500_000_1));
    const { verdicts } = await moderator.moderate(['а', 'б']);
    expect(verdicts).toEqual([
      { isToxic: true, score: 0.98 },
      { isToxic: false, score: 0.5 },
    ]);
  });

  it('passes the deadline and the caller’s signal on', async () => {
    const seen: unknown[] = [];
    const { moderator } = setup(async (texts, limits) => {
      seen.push(texts, limits);
      return { scores: [0], queueMs: 0, tokenizeMs: 0, inferenceMs: 0 };
    });
    const { signal } = new AbortController();
    await moderator.moderate(['а'], { signal });
    expect(seen).toEqual([['а'], { timeoutMs: 1234, signal }]);
  });

  it('refuses what does not fit before any work, and gives its permits back after success and failure', async () => {
    let fail = false;
    let calls = 0;
    const { moderator, verdicts } = setup(async (texts) => {
      calls++;
      if (fail) throw new Error('broken');
      return { scores: texts.map(() => 0), queueMs: 0, tokenizeMs: 0, inferenceMs: 0 };
    }, 2);
    await expect(moderator.moderate(['а', 'б', 'в'])).rejects.toMatchObject({
      kind: 'overloaded',
      retryAfterSeconds: 1,
    });
    expect(calls).toBe(0);
    await moderator.moderate(['а', 'б']);
    fail = true;
    await expect(moderator.moderate(['а', 'б'])).rejects.toThrow('broken');
    fail = false;
    await moderator.moderate(['а', 'б']);
    expect(verdicts).toHaveLength(4);
  });
});

describe('planExplanation', () => {
  /** The model of this server finds texts with a `х` toxic. */
  const submit: Batcher['submit'] = async (texts) => ({
    scores: texts.map((text) => (text.includes('х') ? 0.8 : 0.1)),
    queueMs: 1,
    tokenizeMs: 2,
    inferenceMs: 3,
  });

  it('answers the verdict with its reasons, and counts one verdict', async () => {
    const { moderator, verdicts } = setup(submit);
    const answer = await (await moderator.planExplanation('аб вхг де')).moderate({ policy: 'autoban' });
    expect(answer).toEqual({
      verdicts: [{ isToxic: false, score: 0.8 }],
      threshold: 0.9,
      model: '7.1',
      // Two steps, one after the other.
      timings: { queueMs: 2, tokenizeMs: 4, inferenceMs: 6 },
      spans: [{ begin: 3, end: 6, contribution: 0.8 }],
    });
    expect(verdicts).toEqual([[false, 0.8]]);
  });

  it('holds permits for all texts it may have scored until it is done', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { moderator } = setup(async (texts, limits) => held.then(() => submit(texts, limits)), 7);
    const planned = await moderator.planExplanation('аб вг де');
    expect(planned.texts).toBe(7);
    const answer = planned.moderate();
    await expect(moderator.moderate(['а'])).rejects.toMatchObject({ kind: 'overloaded' });
    goOn();
    await answer;
    await moderator.moderate(['а', 'б', 'в', 'г', 'д', 'е', 'ж']);
    const tooMany = await moderator.planExplanation('аб вг де ёж');
    await expect(tooMany.moderate()).rejects.toMatchObject({ kind: 'overloaded' });
  });

  it('counts as no more texts than a request may hold', async () => {
    let scored = 0;
    const count: Batcher['submit'] = (texts, limits) => {
      scored += texts.length;
      return submit(texts, limits);
    };
    for (const maxTexts of [1, 2, 3, 10]) {
      scored = 0;
      const { moderator } = setup(count, 10, maxTexts);
      const planned = await moderator.planExplanation('аб вхг де жз ик лм но пр');
      expect(planned.texts).toBe(maxTexts);
      const { verdicts, spans } = await planned.moderate();
      expect(verdicts[0]!.score).toBe(0.8);
      expect(scored).toBeLessThanOrEqual(maxTexts);
      expect(spans.length).toBe(maxTexts > 2 ? 1 : 0);
    }
  });

  it('has one deadline for all its steps, and passes the caller’s signal on', async () => {
    const limits: unknown[] = [];
    const slow: Batcher['submit'] = (texts, given) => {
      limits.push(given);
      clock.advance(1000);
      return submit(texts, given);
    };
    const { moderator, clock } = setup(slow);
    const { signal } = new AbortController();
    await (await moderator.planExplanation('аб вхг')).moderate({ signal });
    expect(limits).toEqual([
      { timeoutMs: 1234, signal },
      { timeoutMs: 234, signal },
    ]);
  });
});
