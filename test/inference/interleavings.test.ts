import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RutoxError } from '../../src/errors.js';
import { createAdmission } from '../../src/inference/admission.js';
import { createBatcher, type BatchResult } from '../../src/inference/batcher.js';
import { createModerator } from '../../src/inference/moderator.js';
import type { Manifest } from '../../src/model/manifest.js';
import { FakeClock } from '../fixtures/fake-clock.js';
import { realModelDir } from '../fixtures/model-dir.js';

/**
 * Requests that come, leave and run late, and batches that end well or badly, in any order: admission, batcher
 * and moderator together, with the threads and the clock in the hands of the test.
 */

const manifest = JSON.parse(readFileSync(join(realModelDir, 'manifest.json'), 'utf8')) as Manifest;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Each text has a number, and the number is its score: swapped answers show. */
const textOf = (id: number, chars: number) => `${id}`.padEnd(chars, 'ы');
const scoreOf = (text: string) => Number.parseInt(text, 10) / 1e6;

interface Caller {
  readonly texts: readonly string[];
  readonly controller: AbortController;
  readonly deadline: number;
  left: boolean;
  /** A text of it failed twice. */
  doomed: boolean;
  readonly answers: ('overloaded' | RutoxError['kind'] | number[])[];
}

interface Sent {
  readonly texts: readonly string[];
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: Error) => void;
}

const which = fc.nat({ max: 1000 });
const ms = fc.integer({ min: 1, max: 30 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
      timeoutMs: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('succeed' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('fail' as const, 'lose' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('advance' as const, 'advanceWithoutTimers' as const), ms }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('breathe' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The engine, and what must be true of it after each step. */
class Scene {
  readonly clock = new FakeClock();
  private readonly callers: Caller[] = [];
  private readonly owner = new Map<string, Caller>();
  private readonly batches: Sent[] = [];
  private readonly running = new Set<Sent>();
  private readonly tries = new Map<string, number>();
  /** Texts of failed batches that have not gone to a thread again. */
  private readonly toTryAgain = new Set<string>();
  private seen = 0;
  private nextId = 1;
  private readonly admission;
  private readonly batcher;
  private readonly moderator;

  constructor(
    private readonly slots: number,
    private readonly maxCost: number,
    private readonly permits: number,
  ) {
    this.admission = createAdmission(permits, this.clock);
    this.batcher = createBatcher({
      slots,
      maxCost,
      clock: this.clock,
      runBatch: (texts) => new Promise((resolve, reject) => this.batches.push({ texts, resolve, reject })),
    });
    const { admission, batcher, clock } = this;
    this.moderator = (timeoutMs: number) =>
      createModerator({
        manifest,
        admission,
        batcher,
        metrics: { verdict() {} },
        clock,
        maxTexts: 8,
        timeoutMs,
      });
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'submit') this.submit(step.sizes, step.timeoutMs);
    else if (step.do === 'cancel') this.cancel(this.callers[step.which % this.callers.length]);
    else if (step.do === 'breathe') await settled();
    else if ('ms' in step) this.clock[step.do](step.ms);
    else await this.end([...this.running][step.which % this.running.size], step.do);
    this.checkNewBatches();
  }

  private submit(sizes: readonly number[], timeoutMs: number): void {
    const texts = sizes.map((size) => textOf(this.nextId++, size));
    const controller = new AbortController();
    const deadline = this.clock.now() + timeoutMs;
    const caller: Caller = { texts, controller, deadline, left: false, doomed: false, answers: [] };
    const unanswered = this.callers.filter(({ answers }) => answers.length === 0);
    const held = unanswered.reduce((sum, each) => sum + each.texts.length, 0);
    this.callers.push(caller);
    for (const text of texts) this.owner.set(text, caller);
    this.moderator(timeoutMs)
      .moderate(texts, { signal: controller.signal })
      .then(
        ({ verdicts }) => caller.answers.push(verdicts.map(({ score }) => score)),
        ({ kind }: RutoxError) => {
          caller.answers.push(kind);
          const reserve = texts.length > 1 ? Math.floor(this.permits / 16) : 0;
          if (kind === 'overloaded') expect(held + texts.length).toBeGreaterThan(this.permits - reserve);
        },
      );
  }

  private cancel(caller: Caller | undefined): void {
    if (caller === undefined) return;
    caller.left = true;
    caller.controller.abort();
  }

  private async end(batch: Sent | undefined, how: 'succeed' | 'fail' | 'lose'): Promise<void> {
    if (batch === undefined) return;
    this.running.delete(batch);
    const scores = batch.texts.map(scoreOf);
    if (how === 'succeed') batch.resolve({ scores, tokenizeMs: 1, inferenceMs: 2 });
    else if (how === 'lose') batch.resolve({ scores: scores.slice(1), tokenizeMs: 1, inferenceMs: 2 });
    else batch.reject(new Error('a thread ended'));
    if (how !== 'succeed') {
      for (const text of batch.texts) {
        if (this.tries.get(text) === 2) this.owner.get(text)!.doomed = true;
        else this.toTryAgain.add(text);
      }
    }
    await settled();
  }

  private checkNewBatches(): void {
    for (; this.seen < this.batches.length; this.seen++) {
      const batch = this.batches[this.seen]!;
      const { texts } = batch;
      this.running.add(batch);
      expect(this.running.size).toBeLessThanOrEqual(this.slots);
      const longest = Math.max(...texts.map(({ length }) => length));
      expect(texts.length === 1 || longest * texts.length <= this.maxCost).toBe(true);
      for (const text of texts) expect(this.stillWaits(this.owner.get(text)!)).toBe(true);

      const again = texts.filter((text) => this.toTryAgain.delete(text));
      if (again.length > 0) {
        expect(again).toEqual(texts);
        expect(new Set(texts.map((text) => this.owner.get(text))).size).toBe(1);
      } else {
        const overtaken = [...this.toTryAgain].filter((text) => this.stillWaits(this.owner.get(text)!));
        expect(overtaken).toEqual([]);
      }
      for (const text of texts) this.tries.set(text, (this.tries.get(text) ?? 0) + 1);
      for (const text of texts) expect(this.tries.get(text)).toBe(again.length > 0 ? 2 : 1);
    }
  }

  private stillWaits({ left, doomed, deadline }: Caller): boolean {
    return !left && !doomed && deadline > this.clock.now();
  }

  /** Lets every batch end, and checks that everybody was answered and nothing is left behind. */
  async finish(): Promise<void> {
    while (this.running.size > 0) {
      await this.end([...this.running][0], 'succeed');
      this.checkNewBatches();
    }
    await settled();
    for (const { texts, answers, left, doomed, deadline, controller } of this.callers) {
      expect(answers).toHaveLength(1);
      const [answer] = answers;
      if (answer === 'cancelled') expect(left).toBe(true);
      else if (answer === 'unavailable') expect(doomed).toBe(true);
      else if (answer === 'deadline_exceeded') expect(this.clock.now()).toBeGreaterThanOrEqual(deadline);
      else if (answer !== 'overloaded') expect(answer).toEqual(texts.map(scoreOf));
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
    expect(this.batcher.depth()).toBe(0);
    expect(this.clock.pending).toBe(0);
    this.admission.acquire(this.permits);
  }
}

test('every caller gets its own answer exactly once, however things interleave', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 100, size: 'max' }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 100 }),
      async (steps, slots, maxCost, permits) => {
        const scene = new Scene(slots, maxCost, permits);
        for (const each of steps) await scene.take(each);
        await scene.finish();
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
