/** Many texts as batches, their answers in order. Runs in Node and in browsers: imports nothing. */

export type Source<T> = Iterable<T> | AsyncIterable<T>;

export interface BatchLimits {
  /** Most texts in a batch. */
  readonly maxTexts: number;
  /** Most UTF-16 units in a batch; one text is always taken. */
  readonly maxChars: number;
}

/** Cuts texts into batches, as they come. A batch is passed on when it is full or the texts end. */
export async function* batches(
  texts: Source<string>,
  { maxTexts, maxChars }: BatchLimits,
): AsyncGenerator<string[], void> {
  let batch: string[] = [];
  let chars = 0;
  for await (const text of texts) {
    if (batch.length > 0 && chars + text.length > maxChars) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(text);
    chars += text.length;
    // At once, not with the next text: that one may be long in coming.
    if (batch.length === maxTexts) {
      yield batch;
      batch = [];
      chars = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * Does the work for each item, at most `concurrency` at a time, and yields the results in the order of the
 * items, each as soon as it is there. No more items are taken than work is under way. The first error ends
 * it, and so does `signal`, with its reason; then, and when the caller stops early, work under way is
 * aborted through the signal that it was given.
 */
export async function* inOrder<T, R>(
  items: AsyncGenerator<T, void>,
  concurrency: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal,
): AsyncGenerator<R, void> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const leave = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', leave);
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  });
  ignoreErrorOf(stopped);
  const running: Promise<R>[] = [];
  let coming: Promise<IteratorResult<T, void>> | undefined;
  let ended = false;
  try {
    for (;;) {
      if (!ended && running.length < concurrency) coming ??= items.next();
      const [first] = running;
      if (coming === undefined && first === undefined) return;
      const event = await Promise.race([
        stopped,
        ...(first === undefined ? [] : [first.then((result) => ({ result }))]),
        ...(coming === undefined ? [] : [coming.then((next) => ({ next }))]),
      ]);
      if ('result' in event) {
        void running.shift();
        yield event.result;
        continue;
      }
      coming = undefined;
      if (event.next.done === true) {
        ended = true;
      } else {
        const result = work(event.next.value, stop.signal);
        // If an earlier one fails, nobody asks for this one.
        ignoreErrorOf(result);
        running.push(result);
      }
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    stop.abort();
    if (coming !== undefined) ignoreErrorOf(coming);
    // Not awaited: a source that waits for its next text ends only after that.
    ignoreErrorOf(items.return());
  }
}

function ignoreErrorOf(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
