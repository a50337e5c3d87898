import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RutoxError } from '../../src/errors.js';
import { createAdmission } from '../../src/inference/admission.js';
import { FakeClock } from '../fixtures/fake-clock.js';

function refusal(acquire: () => unknown): RutoxError {
  try {
    acquire();
  } catch (error) {
    return error as RutoxError;
  }
  throw new Error('not refused');
}

describe('createAdmission', () => {
  it('counts texts, refuses what does not fit, and accepts again what was given back', () => {
    const admission = createAdmission(10, new FakeClock());
    const release = admission.acquire(7);
    admission.acquire(3);
    const error = refusal(() => admission.acquire(1));
    expect(error).toMatchObject({ kind: 'overloaded', retryAfterSeconds: 1 });
    release();
    admission.acquire(7);
    expect(refusal(() => admission.acquire(1)).kind).toBe('overloaded');
  });

  it('takes a permit back once only', () => {
    const admission = createAdmission(2, new FakeClock());
    const release = admission.acquire(1);
    admission.acquire(1);
    release();
    release();
    admission.acquire(1);
    expect(refusal(() => admission.acquire(1)).kind).toBe('overloaded');
  });

  it('a refused request holds nothing', () => {
    const admission = createAdmission(5, new FakeClock());
    refusal(() => admission.acquire(6));
    admission.acquire(5);
  });

  it('keeps the last sixteenth for single texts, but an idle server takes whatever fits', () => {
    const admission = createAdmission(32, new FakeClock());
    const releaseAll = admission.acquire(32);
    releaseAll();
    admission.acquire(28);
    expect(refusal(() => admission.acquire(3)).kind).toBe('overloaded');
    const release = admission.acquire(2);
    expect(refusal(() => admission.acquire(2)).kind).toBe('overloaded');
    admission.acquire(1);
    admission.acquire(1);
    expect(refusal(() => admission.acquire(1)).kind).toBe('overloaded');
    release();
    expect(refusal(() => admission.acquire(2)).kind).toBe('overloaded');
    admission.acquire(1);
  });

  it('never gives out more than it has, and refuses only what does not fit', () => {
    const request = fc.record({ texts: fc.integer({ min: 1, max: 40 }) });
    const end = fc.record({ ends: fc.nat() });
    fc.assert(
      fc.property(fc.array(fc.oneof(request, end)), fc.integer({ min: 1, max: 100 }), (steps, permits) => {
        const admission = createAdmission(permits, new FakeClock());
        const held: { texts: number; release: () => void }[] = [];
        for (const step of steps) {
          if ('ends' in step) {
            const [ended] = held.splice(step.ends % Math.max(1, held.length), 1);
            ended?.release();
            continue;
          }
          const { texts } = step;
          const free = permits - held.reduce((sum, each) => sum + each.texts, 0);
          const least = texts === 1 || free === permits ? 0 : Math.floor(permits / 16);
          const accept = () => held.push({ texts, release: admission.acquire(texts) });
          if (free - texts >= least) accept();
          else expect(refusal(accept).kind).toBe('overloaded');
        }
        for (const { release } of held) release();
        admission.acquire(permits);
      }),
    );
  });

  it('tells beforehand what would not be accepted, and takes nothing', () => {
    const admission = createAdmission(32, new FakeClock());
    for (let i = 0; i < 3; i++) admission.check(32);
    const release = admission.acquire(30);
    // The reserve for single texts.
    expect(refusal(() => admission.check(2))).toMatchObject({ kind: 'overloaded', retryAfterSeconds: 1 });
    admission.check(1);
    admission.acquire(1);
    admission.acquire(1);
    expect(refusal(() => admission.check(1)).kind).toBe('overloaded');
    release();
    admission.check(1);
  });

  it('tells how long permits are held lately, within a minute', () => {
    const clock = new FakeClock();
    const admission = createAdmission(1, clock);
    const hold = (ms: number) => {
      const release = admission.acquire(1);
      clock.advance(ms);
      release();
    };
    for (let i = 0; i < 50; i++) hold(4200);
    const release = admission.acquire(1);
    expect(refusal(() => admission.acquire(1)).retryAfterSeconds).toBe(5);
    release();
    for (let i = 0; i < 50; i++) hold(500_000);
    admission.acquire(1);
    expect(refusal(() => admission.acquire(1)).retryAfterSeconds).toBe(60);
  });
});
