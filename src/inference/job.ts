import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';

export interface BatchResult {
  /** One for each text, in their order. */
  readonly scores: readonly number[];
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

export interface Limits {
  /** Milliseconds from now after which the caller no longer waits. */
  readonly timeoutMs: number;
  /** Fires when the caller has left. */
  readonly signal?: CallerSignal | undefined;
}

/** What is needed of an AbortSignal: one of Node's costs more than the rest of a request's way to the queue. */
export interface CallerSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Scored {
  readonly scores: readonly number[];
  /** Time until the last text of the caller went to a thread. */
  readonly queueMs: number;
  /** Of the slowest batch that held a text of the caller. */
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

/** The texts of one caller, and what became of them. */
export interface Job {
  readonly texts: readonly string[];
  readonly since: number;
  readonly deadline: number;
  /** Index of the first text that no thread was given yet. */
  next: number;
  /** Texts of failed batches that wait for their second try, by batch. */
  readonly failed: number[][];
  /** Texts that wait for a thread. */
  waiting: number;
  /** Answered or failed, which it is once: nothing more of it goes to a thread, what comes back is dropped. */
  settled: boolean;
  readonly answer: Promise<Scored>;
  /** Keeps the score of a text; the last one answers the caller. */
  readonly score: (index: number, score: number, queueMs: number, result: BatchResult) => void;
  readonly fail: (error: RutoxError) => void;
}

/** Takes the texts of a caller, who is failed when it leaves or its time is up. `onSettled` is told once. */
export function createJob(
  texts: readonly string[],
  { timeoutMs, signal }: Limits,
  clock: Clock,
  onSettled: (job: Job) => void,
): Job {
  const since = clock.now();
  const scores = texts.map(() => 0);
  const slowest = { queueMs: 0, tokenizeMs: 0, inferenceMs: 0 };
  let open = texts.length;
  const { promise, resolve, reject } = withResolvers<Scored>();
  const leave = () => job.fail(new RutoxError('cancelled', 'The caller left before the answer was ready.'));
  const stopTimer = clock.after(timeoutMs, () => job.fail(late()));
  signal?.addEventListener('abort', leave);

  function settle(): boolean {
    if (job.settled) return false;
    job.settled = true;
    stopTimer();
    signal?.removeEventListener('abort', leave);
    onSettled(job);
    return true;
  }

  const job: Job = {
    texts,
    since,
    deadline: since + timeoutMs,
    next: 0,
    failed: [],
    waiting: texts.length,
    settled: false,
    answer: promise,
    score(index, score, queueMs, { tokenizeMs, inferenceMs }) {
      scores[index] = score;
      slowest.queueMs = Math.max(slowest.queueMs, queueMs);
      slowest.tokenizeMs = Math.max(slowest.tokenizeMs, tokenizeMs);
      slowest.inferenceMs = Math.max(slowest.inferenceMs, inferenceMs);
      open--;
      if (open === 0 && settle()) resolve({ scores, ...slowest });
    },
    fail(error) {
      if (settle()) reject(error);
    },
  };
  return job;
}

/** What a caller is told whose time is up. */
export function late(): RutoxError {
  return new RutoxError(
    'deadline_exceeded',
    'The texts could not be scored in time; try fewer texts or try again later.',
  );
}

/** `Promise.withResolvers` is not in Node 20. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
