import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';

/** Texts that callers were allowed here, for the other processes of a cluster. */
export type Spending = readonly (readonly [caller: string, texts: number])[];

export interface RateLimiter {
  /** @throws RutoxError `rate_limited` when the caller may not have a single text scored now */
  check(caller: string): void;
  /** Takes this many texts from what the caller may have scored. @throws RutoxError `rate_limited` */
  take(caller: string, texts: number): void;
  /** What was taken here since the last call; the first call only begins to count. */
  takeSpent(): Spending;
  /** Takes what other processes allowed. A caller may get into debt by it, up to another burst. */
  spend(entries: Spending): void;
}

export interface RateLimiterOptions {
  /** Texts in a second that a caller may have scored, in the long run. */
  readonly rate: number;
  /** Texts that it may have scored at once, after a time without any. */
  readonly burst: number;
  readonly clock: Clock;
}

/** Callers remembered, at some 100 bytes each. Those that come when all places are taken share one budget. */
const MAX_CALLERS = 65_536;
const OTHERS = '(others)';

/** How often callers whose bucket is full again are forgotten. */
const SWEEP_MS = 1000;

/** A bucket of tokens for each caller, a token for a text. Of a bucket no more is kept than when it will be full again. */
export function createRateLimiter({ rate, burst, clock }: RateLimiterOptions): RateLimiter {
  const msPerText = 1000 / rate;
  const burstMs = burst * msPerText;
  const fullAt = new Map<string, number>();
  let spent: Map<string, number> | undefined;
  let sweepAt = clock.now() + SWEEP_MS;

  function place(caller: string, now: number): string {
    if (fullAt.has(caller)) return caller;
    if (now >= sweepAt) {
      for (const [each, at] of fullAt) if (at <= now) fullAt.delete(each);
      sweepAt = now + SWEEP_MS;
    }
    return fullAt.size < MAX_CALLERS ? caller : OTHERS;
  }

  /** When the bucket is full again after `texts` more, as milliseconds from now. */
  function emptiness(caller: string, texts: number, now: number): number {
    return Math.max(0, (fullAt.get(caller) ?? 0) - now) + texts * msPerText;
  }

  function refuseAbove(ms: number): void {
    // A rest of rounding must not refuse who comes exactly in time.
    if (ms <= burstMs + 1e-6) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((ms - burstMs) / 1000));
    throw new RutoxError(
      'rate_limited',
      `The limit is ${rate} texts a second, at most ${burst} at once; try again after the time in Retry-After.`,
      { retryAfterSeconds },
    );
  }

  return {
    check(caller) {
      const now = clock.now();
      refuseAbove(emptiness(place(caller, now), 1, now));
    },
    take(caller, texts) {
      const now = clock.now();
      const at = place(caller, now);
      const ms = emptiness(at, texts, now);
      refuseAbove(ms);
      fullAt.set(at, now + ms);
      spent?.set(at, (spent.get(at) ?? 0) + texts);
    },
    takeSpent() {
      const entries = [...(spent ?? [])];
      spent = new Map();
      return entries;
    },
    spend(entries) {
      const now = clock.now();
      for (const [caller, texts] of entries) {
        const at = place(caller, now);
        fullAt.set(at, now + Math.min(emptiness(at, texts, now), 2 * burstMs));
      }
    },
  };
}
