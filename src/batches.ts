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
): AsyncGenerator<string[], undefined> {
  let batch: string[] = [];
  let chars = 0;
  for await (const text of texts) {
    if (batch.length === maxTexts || (batch.length > 0 && chars + text.length > maxChars)) {
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
 * it; then, and when the caller stops early, work under way is aborted through its signal.
 */
export async function* inOrder<T, R>(
  items: AsyncGenerator<T, undefined>,
  concurrency: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, undefined> {
  const stop = new AbortController();
  const running: Promise<R>[] = [];
  let coming: Promise<IteratorResult<T, undefined>> | undefined;
  let ended = false;
  try {
    for (;;) {
      if (!ended && running.length < concurrency) coming ??= items.next();
      const [first] = running;
      if (coming === undefined && first === undefined) return undefined;
      const event = await Promise.race([
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
        result.catch(() => {});
        running.push(result);
      }
    }
  } finally {
    stop.abort();
    coming?.catch(() => {});
    // Not awaited: a source that is waiting for its next text ends only after that.
    items.return(undefined).catch(() => {});
  }
}
