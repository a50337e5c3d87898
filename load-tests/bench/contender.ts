export type Batch = readonly string[];

/** One way to get through batches of comments, to be timed. */
export interface Contender {
  readonly name: string;
  /** Processor time so far, where it is not this process that works. */
  readonly cpuSeconds?: () => number;
  /** Does what is not to be timed; what it returns is timed. */
  prepare(batches: readonly Batch[]): () => Promise<void>;
}
