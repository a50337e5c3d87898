/** Neighbouring buckets differ by 1 %, so a quantile is at most 0.5 % off. */
const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.001;

/**
 * Counts of latencies in buckets that grow. Our own few lines, because those of several generator processes
 * must be added up, and the histogram of `node:perf_hooks` does not cross a process border.
 */
export class Histogram {
  readonly #counts: number[];

  /** @param counts of `toJSON()`, from another process */
  constructor(counts: readonly number[] = []) {
    this.#counts = [...counts];
  }

  record(ms: number): void {
    const bucket = Math.max(0, Math.round(Math.log(ms / SMALLEST_MS) / GROWTH));
    // Filled up in order: an array with holes would be slow.
    while (this.#counts.length <= bucket) this.#counts.push(0);
    this.#counts[bucket]! += 1;
  }

  add(other: Histogram): void {
    while (this.#counts.length < other.#counts.length) this.#counts.push(0);
    other.#counts.forEach((count, bucket) => {
      this.#counts[bucket]! += count;
    });
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Milliseconds that this share of all stayed at or below; NaN when there are none. */
  quantile(share: number): number {
    const { count } = this;
    if (count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    const bucket = this.#counts.findIndex((each) => (seen += each) >= rank);
    return SMALLEST_MS * Math.exp(bucket * GROWTH);
  }

  toJSON(): readonly number[] {
    return this.#counts;
  }
}
