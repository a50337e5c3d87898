import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RutoxError } from '../../src/errors.js';
import { createRateLimiter, type RateLimiter } from '../../src/inference/rate-limit.js';
import { FakeClock } from '../fixtures/fake-clock.js';

function refusal(act: () => void): RutoxError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as RutoxError;
  }
}

function setup(rate: number, burst: number): { limiter: RateLimiter; clock: FakeClock } {
  const clock = new FakeClock();
  return { limiter: createRateLimiter({ rate, burst, clock }), clock };
}

/** Attempts of one caller: wait, then ask for so many texts. */
const attempts = fc.array(fc.record({ waitMs: fc.nat(3000), texts: fc.integer({ min: 1, max: 20 }) }), {
  minLength: 1,
  maxLength: 60,
});
const rates = fc.integer({ min: 1, max: 50 });
const bursts = fc.integer({ min: 20, max: 60 });

describe('createRateLimiter', () => {
  it('lets a burst pass, then the rate', () => {
    const { limiter, clock } = setup(10, 20);
    limiter.take('a', 20);
    expect(refusal(() => limiter.take('a', 1))).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 1,
      message: 'The limit is 10 texts a second, at most 20 at once; try again after the time in Retry-After.',
    });
    clock.advance(100);
    limiter.take('a', 1);
    expect(refusal(() => limiter.take('a', 1))).toBeDefined();
    clock.advance(1500);
    expect(refusal(() => limiter.take('a', 20))?.retryAfterSeconds).toBe(1);
    limiter.take('a', 15);
    expect(refusal(() => limiter.take('a', 20))?.retryAfterSeconds).toBe(2);
  });

  it('never lets more pass than the burst and the rate, in any stretch of time', () => {
    fc.assert(
      fc.property(rates, bursts, attempts, (rate, burst, tries) => {
        const { limiter, clock } = setup(rate, burst);
        const passed: { at: number; texts: number }[] = [];
        for (const { waitMs, texts } of tries) {
          clock.advance(waitMs);
          if (refusal(() => limiter.take('a', texts)) === undefined) passed.push({ at: clock.now(), texts });
        }
        for (const [first, { at: start }] of passed.entries()) {
          let sum = 0;
          for (const { at, texts } of passed.slice(first)) {
            sum += texts;
            expect(sum).toBeLessThanOrEqual(burst + ((at - start) / 1000) * rate + 1e-6);
          }
        }
      }),
    );
  });

  it('lets pass whoever waits as long as it was told, and no earlier whole second would have done', () => {
    fc.assert(
      fc.property(rates, bursts, attempts, fc.boolean(), (rate, burst, tries, early) => {
        const { limiter, clock } = setup(rate, burst);
        for (const { waitMs, texts } of tries) {
          clock.advance(waitMs);
          const error = refusal(() => limiter.take('a', texts));
          if (error === undefined) continue;
          const seconds = error.retryAfterSeconds!;
          expect(Number.isInteger(seconds) && seconds >= 1).toBe(true);
          if (early && seconds > 1) {
            clock.advance((seconds - 1) * 1000);
            expect(refusal(() => limiter.take('a', texts))).toBeDefined();
            clock.advance(1000);
          } else {
            clock.advance(seconds * 1000);
          }
          limiter.take('a', texts);
        }
      }),
    );
  });

  it('lets everything pass that stays within the rate', () => {
    const { limiter, clock } = setup(30, 30);
    limiter.take('a', 30);
    for (let i = 0; i < 10_000; i++) {
      clock.advance(100);
      limiter.take('a', 3);
    }
  });

  it('keeps callers apart, and a refusal costs nothing', () => {
    const { limiter, clock } = setup(1, 2);
    limiter.take('a', 2);
    for (let i = 0; i < 10; i++) expect(refusal(() => limiter.take('a', 1))).toBeDefined();
    limiter.take('b', 2);
    clock.advance(1000);
    limiter.take('a', 1);
  });

  it('tells without taking whether a single text would pass', () => {
    const { limiter, clock } = setup(1, 2);
    limiter.take('a', 1);
    for (let i = 0; i < 3; i++) limiter.check('a');
    limiter.take('a', 1);
    expect(refusal(() => limiter.check('a'))?.retryAfterSeconds).toBe(1);
    clock.advance(1000);
    limiter.check('a');
  });

  it('remembers a bounded number of callers; those beyond share one budget until places are free', () => {
    const { limiter, clock } = setup(1, 10);
    for (let i = 0; i < 65_536; i++) limiter.take(`caller ${i}`, 10);
    limiter.take('one more', 6);
    expect(refusal(() => limiter.take('and another', 6))).toBeDefined();
    limiter.take('and another', 4);
    // Who has a place keeps its own budget.
    clock.advance(1000);
    limiter.take('caller 5', 1);
    clock.advance(10_000);
    limiter.take('one more', 6);
    limiter.take('and another', 6);
  });

  describe('in a cluster', () => {
    it('tells what was taken since it was asked last', () => {
      const { limiter } = setup(10, 100);
      limiter.take('a', 5);
      expect(limiter.takeSpent()).toEqual([]);
      limiter.take('a', 5);
      limiter.take('b', 1);
      limiter.take('a', 2);
      expect(limiter.takeSpent()).toEqual([
        ['a', 7],
        ['b', 1],
      ]);
      expect(limiter.takeSpent()).toEqual([]);
    });

    it('counts what others allowed, and does not report it back', () => {
      const { limiter } = setup(10, 10);
      limiter.takeSpent();
      limiter.spend([['a', 8]]);
      limiter.take('a', 2);
      expect(refusal(() => limiter.take('a', 1))).toBeDefined();
      expect(limiter.takeSpent()).toEqual([['a', 2]]);
    });

    it('lets a caller get into debt, up to another burst', () => {
      const { limiter, clock } = setup(10, 10);
      limiter.spend([['a', 15]]);
      expect(refusal(() => limiter.take('a', 10))?.retryAfterSeconds).toBe(2);
      limiter.spend([['a', 1_000_000]]);
      expect(refusal(() => limiter.take('a', 10))?.retryAfterSeconds).toBe(2);
      clock.advance(2000);
      limiter.take('a', 10);
    });

    it('holds two processes that tell each other every 50 ms to one limit', () => {
      const clock = new FakeClock();
      const [one, two] = [0, 1].map(() => createRateLimiter({ rate: 100, burst: 100, clock })) as [
        RateLimiter,
        RateLimiter,
      ];
      one.takeSpent();
      two.takeSpent();
      let passed = 0;
      for (let ms = 0; ms < 10_000; ms++) {
        clock.advance(1);
        for (const limiter of [one, two]) if (refusal(() => limiter.take('a', 1)) === undefined) passed++;
        if (ms % 50 === 0) {
          const spent = one.takeSpent();
          one.spend(two.takeSpent());
          two.spend(spent);
        }
      }
      // Each may let pass what the other has not heard of yet: a burst at first, 50 ms of the rate later.
      expect(passed).toBeGreaterThanOrEqual(1000);
      expect(passed).toBeLessThanOrEqual(1000 + 100 + 2 * 100);
    });
  });
});
