import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RutoxError } from '../../src/errors.js';
import {
  createBatcher,
  type BatcherOptions,
  type BatchReport,
  type BatchResult,
  type Scored,
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

  it('a failed batch fails its own callers only, and takes nothing more from them', async () => {
    const { batcher, batches } = setup({ maxCost: 30 });
    const first = batcher.submit([text(0)], LONG);
    const doomed = batcher.submit(
      ids(10, 18).map((id) => text(id)),
      LONG,
    );
    const waiting = batcher.submit(
      ids(20, 21).map((id) => text(id)),
      LONG,
    );
    batches[0]!.succeed();
    await first;
    await settled();
    expect(batches[1]!.texts.map(scoreOf)).toEqual([10, 20, 11]);
    const last = batcher.submit([text(30)], LONG);
    const error = new RutoxError('internal', 'broken');
    batches[1]!.fail(error);
    await expect(doomed).rejects.toBe(error);
    await expect(waiting).rejects.toBe(error);
    await settled();
    expect(batches[2]!.texts.map(scoreOf)).toEqual([30]);
    batches[2]!.succeed();
    expect((await last).scores).toEqual([30]);
  });

  it('fails a batch whose scores do not match its texts', async () => {
    const { batcher, batches } = setup();
    const answer = batcher.submit([text(1), text(2)], LONG);
    batches[0]!.succeed({ scores: [0.5], tokenizeMs: 1, inferenceMs: 1 });
    await expect(answer).rejects.toMatchObject({ kind: 'internal' });
  });

  it('gives every caller its own answer exactly once, however things interleave', async () => {
    const action = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('submit' as const),
          sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
          timeoutMs: fc.integer({ min: 1, max: 40 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constantFrom('succeed' as const, 'fail' as const), which: fc.nat() }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('advance' as const, 'stall' as const),
          ms: fc.integer({ min: 1, max: 30 }),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ do: 'breathe' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 400 }),
        async (actions, slots, maxCost) => {
          const { batcher, batches, clock } = setup({ slots, maxCost });
          const callers: {
            texts: string[];
            controller: AbortController;
            deadline: number;
            gone: boolean;
            answers: (Scored | RutoxError)[];
          }[] = [];
          const open = new Set<number>();
          let nextId = 0;
          let seen = 0;

          /** What just went to a thread must belong to callers that still wait, and fit the bound. */
          const checkNewBatches = () => {
            for (; seen < batches.length; seen++) {
              const { texts } = batches[seen]!;
              open.add(seen);
              expect(open.size).toBeLessThanOrEqual(slots);
              const longest = Math.max(...texts.map(({ length }) => length));
              expect(texts.length === 1 || longest * texts.length <= maxCost).toBe(true);
              for (const each of texts) {
                const caller = callers.find((candidate) => candidate.texts.includes(each))!;
                expect(caller.gone).toBe(false);
                expect(caller.deadline).toBeGreaterThan(clock.now());
              }
            }
          };
          const finish = async (which: number, how: 'succeed' | 'fail') => {
            const index = [...open][which % open.size];
            if (index === undefined) return;
            open.delete(index);
            if (how === 'succeed') batches[index]!.succeed();
            else batches[index]!.fail(new RutoxError('internal', 'broken'));
            await settled();
          };

          for (const step of actions) {
            if (step.do === 'submit') {
              const controller = new AbortController();
              const texts = step.sizes.map((size) => text(nextId++, size));
              const caller = {
                texts,
                controller,
                deadline: clock.now() + step.timeoutMs,
                gone: false,
                answers: [] as (Scored | RutoxError)[],
              };
              callers.push(caller);
              batcher.submit(texts, { timeoutMs: step.timeoutMs, signal: controller.signal }).then(
                (scored) => caller.answers.push(scored),
                (error: RutoxError) => caller.answers.push(error),
              );
            } else if (step.do === 'cancel') {
              const caller = callers[step.which % callers.length];
              caller?.controller.abort();
              if (caller) caller.gone = true;
            } else if ('ms' in step) {
              if (step.do === 'advance') clock.advance(step.ms);
              else clock.advanceWithoutTimers(step.ms);
            } else if (step.do === 'breathe') await settled();
            else await finish(step.which, step.do);
            checkNewBatches();
          }
          while (open.size > 0) {
            await finish(0, 'succeed');
            checkNewBatches();
          }
          await settled();

          expect(batcher.depth()).toBe(0);
          expect(clock.pending).toBe(0);
          for (const { texts, answers, gone } of callers) {
            expect(answers).toHaveLength(1);
            const [answer] = answers;
            if (answer instanceof RutoxError) {
              expect(['internal', 'deadline_exceeded', ...(gone ? ['cancelled'] : [])]).toContain(
                answer.kind,
              );
            } else {
              expect(answer!.scores).toEqual(texts.map(scoreOf));
            }
          }
          // No text went to a thread twice.
          const sent = batches.flatMap(({ texts }) => texts);
          expect(new Set(sent).size).toBe(sent.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
