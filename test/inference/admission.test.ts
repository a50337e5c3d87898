import { describe, expect, it } from '@jest/globals';
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
