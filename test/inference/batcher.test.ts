import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RutoxError } from '../../src/errors.js';
import {
  createBatcher,
  type BatcherOptions,
  type BatchReport,
  type BatchResult,
} from '../../src/inference/batcher.js';
import { FakeClock } from '../fixtures/fake-clock.js';

/** The score that the stand-in for the model gives: other for each text, so that swapped answers show. */
const scoreOf = (text: string) => Number(text.split(':')[1]);
const text = (id: number, chars = 10) => `${'ы'.repeat(Math.max(0, chars - `:${id}`.length))}:${id}`;

/** A batcher whose batches end when the test says so. */
function setup(options: Partial<BatcherOptions> = {}) {
  const clock = new FakeClock();
  const reports: BatchReport[] = [];
  const batches: {
    texts: string[];
    succeed: (result?: BatchResult) => void;
    fail: (error: Error) => void;
  }[] = [];
  const batcher = createBatcher({
    slots: 1,
    maxCost: 1_000_000,
    clock,
    onBatch: (report) => reports.push(report),
    runBatch: (texts) =>
      new Promise((resolve, reject) => {
        const result = { scores: texts.map(scoreOf), tokenizeMs: 1, inferenceMs: 2 };
        batches.push({ texts, succeed: (other = result) => resolve(other), fail: reject });
      }),
    ...options,
  });
  return { batcher, batches, reports, clock };
}

const LONG = { timeoutMs: 60_000 };
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('createBatcher', () => {
  it('runs at once what comes to an idle server', async () => {
    const { batcher, batches } = setup();
    const answer = batcher.submit([text(7)], LONG);
    expect(batches.map(({ texts }) => texts)).toEqual([[text(7)]]);
    batches[0]!.succeed();
    expect(await answer).toEqual({ scores: [7], queueMs: 0, tokenizeMs: 1, inferenceMs: 2 });
  });

  it('makes one batch of what arrives together, and waits for nothing beyond that', async () => {
    const { batcher, batches, clock } = setup();
    const held: (() => void)[] = [];
    clock.soon = (action) => held.push(action);
    const answers = ids(1, 4).map((id) => batcher.submit([text(id)], LONG));
    expect(batches).toHaveLength(0);
    expect(held).toHaveLength(1);
    held[0]!();
    expect(batches.map(({ texts }) => texts)).toEqual([[text(1), text(2), text(3)]]);
    batches[0]!.succeed();
    expect((await Promise.all(answers)).map(({ scores }) => scores)).toEqual([[1], [2], [3]]);
  });

  it('makes one batch of all that waits when a slot frees up, and gives each caller its own answer', async () => {
    const { batcher, batches, reports, clock } = setup();
    const answers = [batcher.submit([text(1)], LONG)];
    for (const id of [2, 3, 4]) answers.push(batcher.submit([text(id), text(id * 100)], LONG));
    expect(batches).toHaveLength(1);
    expect(batcher.depth()).toBe(6);
    clock.advance(5);
    batches[0]!.succeed();
    await settled();
    expect(batches).toHaveLength(2);
    expect(batches[1]!.texts).toHaveLength(6);
    expect(batcher.depth()).toBe(0);
    batches[1]!.succeed();
    const scored = await Promise.all(answers);
    expect(scored.map(({ scores }) => scores)).toEqual([[1], [2, 200], [3, 300], [4, 400]]);
    expect(scored.map(({ queueMs }) => queueMs)).toEqual([0, 5, 5, 5]);
    expect(reports.map(({ size, queueMs }) => [size, queueMs])).toEqual([
      [1, [0]],
      [6, [5, 5, 5, 5, 5, 5]],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('answers an empty request without a batch', async () => {
    const { batcher, batches } = setup();
    expect((await batcher.submit([], LONG)).scores).toEqual([]);
    expect(batches).toHaveLength(0);
  });

  it('bounds a batch by its longest text x its texts, but always takes one', async () => {
    const { batcher, batches } = setup({ maxCost: 100 });
    const sizes = [10, 10, 10, 30, 500, 10];
    const answers = [batcher.submit([text(99)], LONG)];
    sizes.forEach((size, id) => answers.push(batcher.submit([text(id, size)], LONG)));
    for (let i = 0; i < batches.length; i++) {
      batches[i]!.succeed();
      await settled();
    }
    // 3 x 10, then 30 does not fit as a fourth (4 x 30 > 100); 500 goes alone.
    expect(batches.map(({ texts }) => texts.map(({ length }) => length))).toEqual([
      [10],
      [10, 10, 10],
      [30],
      [500],
      [10],
    ]);
    await Promise.all(answers);
  });

  it('takes from waiting callers in turn, so that a large request cannot starve small ones', async () => {
    const { batcher, batches } = setup({ maxCost: 60 });
    const first = batcher.submit([text(0)], LONG);
    const large = batcher.submit(
      ids(100, 120).map((id) => text(id)),
      LONG,
    );
    const small = batcher.submit([text(1)], LONG);
    batches[0]!.succeed();
    await first;
    await settled();
    expect(batches[1]!.texts.map(scoreOf)).toEqual([100, 1, 101, 102, 103, 104]);
    batches[1]!.succeed();
    expect((await small).scores).toEqual([1]);
    for (let i = 2; i < batches.length; i++) {
      batches[i]!.succeed();
      await settled();
    }
    expect((await large).scores).toEqual(ids(100, 120));
  });

  it('shares a large request among free slots, but not into crumbs', () => {
    const { batcher, batches } = setup({ slots: 2 });
    void batcher.submit(
      ids(0, 40).map((id) => text(id)),
      LONG,
    );
    expect(batches.map(({ texts }) => texts.length)).toEqual([20, 20]);
    const small = setup({ slots: 2 });
    void small.batcher.submit(
      ids(0, 5).map((id) => text(id)),
      LONG,
    );
    expect(small.batches.map(({ texts }) => texts.length)).toEqual([5]);
  });

  it('never runs more batches than slots', () => {
    const { batcher, batches } = setup({ slots: 3 });
    for (const id of ids(0, 10)) void batcher.submit([text(id)], LONG);
    expect(batches).toHaveLength(3);
  });

  it('refuses a caller that left before it came', async () => {
    const { batcher, batches } = setup();
    await expect(batcher.submit([text(1)], { ...LONG, signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(batches).toHaveLength(0);
  });

  it('skips a caller that left or is late, and leaves its batch-mates untouched', async () => {
    const { batcher, batches, clock } = setup();
    const controller = new AbortController();
    const first = batcher.submit([text(0)], LONG);
    const leaving = batcher.submit([text(1), text(2)], { ...LONG, signal: controller.signal });
    const late = batcher.submit([text(3)], { timeoutMs: 50 });
    const staying = batcher.submit([text(4)], LONG);
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ kind: 'cancelled' });
    expect(batcher.depth()).toBe(2);
    clock.advance(50);
    await expect(late).rejects.toMatchObject({ kind: 'deadline_exceeded' });
    batches[0]!.succeed();
    await first;
    await settled();
    expect(batches[1]!.texts.map(scoreOf)).toEqual([4]);
    batches[1]!.succeed();
    expect((await staying).scores).toEqual([4]);
  });

  it('lets go of the signal of a caller that has its answer', async () => {
    const { batcher, batches } = setup();
    const { signal } = new AbortController();
    const answer = batcher.submit([text(1)], { ...LONG, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    batches[0]!.succeed();
    await answer;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('skips a late text even when the timer has not fired yet', async () => {
    const { batcher, batches, clock } = setup();
    const first = batcher.submit([text(0)], LONG);
    const late = batcher.submit([text(1)], { timeoutMs: 50 });
    clock.advanceWithoutTimers(51);
    batches[0]!.succeed();
    await first;
    await expect(late).rejects.toMatchObject({ kind: 'deadline_exceeded' });
    await settled();
    expect(batches).toHaveLength(1);
  });

  it('answers a late caller while its batch is still running, and drops the score', async () => {
    const { batcher, batches, clock } = setup();
    const late = batcher.submit([text(1)], { timeoutMs: 50 });
    clock.advance(50);
    await expect(late).rejects.toMatchObject({ kind: 'deadline_exceeded' });
    batches[0]!.succeed();
    await settled();
    const next = batcher.submit([text(2)], LONG);
    batches[1]!.succeed();
    expect((await next).scores).toEqual([2]);
  });

  it('tries the texts of a failed batch once more, before others and each caller by itself', async () => {
    const failures: unknown[] = [];
    const { batcher, batches } = setup({ maxCost: 50, onFailure: (error) => failures.push(error) });
    const first = batcher.submit([text(0)], LONG);
    const large = batcher.submit(
      ids(10, 18).map((id) => text(id)),
      LONG,
    );
    const deadly = batcher.submit([text(20)], LONG);
    batches[0]!.succeed();
    await first;
    await settled();
    expect(batches[1]!.texts.map(scoreOf)).toEqual([10, 20, 11, 12, 13]);
    const last = batcher.submit([text(30)], LONG);
    const error = new RutoxError('internal', 'a thread ended');
    batches[1]!.fail(error);
    await settled();
    expect(batches[2]!.texts.map(scoreOf)).toEqual([10, 11, 12, 13]);
    expect(batcher.depth()).toBe(6);
    batches[2]!.succeed();
    await settled();
    expect(batches[3]!.texts.map(scoreOf)).toEqual([20]);
    batches[3]!.fail(error);
    await expect(deadly).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 1, cause: error });
    await settled();
    expect(batches[4]!.texts.map(scoreOf)).toEqual([14, 30, 15, 16, 17]);
    batches[4]!.succeed();
    expect((await large).scores).toEqual(ids(10, 18));
    expect((await last).scores).toEqual([30]);
    expect(failures).toEqual([error, error]);
  });

  it('a caller whose second try fails is given nothing more', async () => {
    const { batcher, batches } = setup({ maxCost: 20 });
    const doomed = batcher.submit(
      ids(10, 18).map((id) => text(id)),
      LONG,
    );
    batches[0]!.fail(new Error('once'));
    await settled();
    expect(batches[1]!.texts).toEqual(batches[0]!.texts);
    batches[1]!.fail(new Error('twice'));
    await expect(doomed).rejects.toMatchObject({ kind: 'unavailable' });
    await settled();
    expect(batches).toHaveLength(2);
    expect(batcher.depth()).toBe(0);
  });

  it('does not try again for a caller that has left or is late', async () => {
    const { batcher, batches, clock } = setup();
    const first = batcher.submit([text(0)], LONG);
    const controller = new AbortController();
    const leaving = batcher.submit([text(1)], { ...LONG, signal: controller.signal });
    const late = batcher.submit([text(2)], { timeoutMs: 50 });
    const staying = batcher.submit([text(3)], LONG);
    batches[0]!.succeed();
    await first;
    await settled();
    expect(batches[1]!.texts.map(scoreOf)).toEqual([1, 2, 3]);
    controller.abort();
    clock.advanceWithoutTimers(51);
    batches[1]!.fail(new Error('a thread ended'));
    await expect(leaving).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(late).rejects.toMatchObject({ kind: 'deadline_exceeded' });
    await settled();
    expect(batches.slice(2).map(({ texts }) => texts.map(scoreOf))).toEqual([[3]]);
    batches[2]!.succeed();
    expect((await staying).scores).toEqual([3]);
  });

  it('holds a batch failed whose scores do not match its texts', async () => {
    const { batcher, batches } = setup();
    const answer = batcher.submit([text(1), text(2)], LONG);
    batches[0]!.succeed({ scores: [0.5], tokenizeMs: 1, inferenceMs: 1 });
    await settled();
    batches[1]!.succeed();
    expect((await answer).scores).toEqual([1, 2]);
  });

  it('gives nobody a turn more than others who wait with it', async () => {
    const sizes = fc.array(fc.integer({ min: 5, max: 80 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(sizes, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 50, max: 400 }),
        async (requests, maxCost) => {
          const { batcher, batches } = setup({ maxCost });
          void batcher.submit([text(0)], LONG);
          requests.forEach((chars, caller) => {
            void batcher.submit(
              chars.map((each, i) => text(1000 * caller + i, each)),
              LONG,
            );
          });
          batches[0]!.succeed();
          await settled();
          const turns = requests.map(() => 0);
          for (let i = 1; i < batches.length; i++) {
            for (const each of batches[i]!.texts) {
              const caller = Math.floor(scoreOf(each) / 1000);
              turns[caller]!++;
              const least = Math.min(...turns.filter((had, other) => had < requests[other]!.length));
              expect(turns[caller]! - least).toBeLessThanOrEqual(1);
            }
            batches[i]!.succeed();
            await settled();
          }
          expect(turns).toEqual(requests.map(({ length }) => length));
        },
      ),
    );
  });
});
