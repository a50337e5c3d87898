export type Batch = readonly string[];

/** One way to get through batches of comments, to be timed. */
export interface Contender {
  readonly name: string;
  /** Does what is not to be timed; what it returns is timed. */
  prepare(batches: readonly Batch[]): () => Promise<void>;
}
