import { batches, inOrder, type Source } from './batches.js';
import type { ClassifyResponse, ExplainResponse, Verdict, VerdictOptions } from './client/types.js';
import { disableTelemetry } from './config.js';
import { openEngine } from './inference/engine.js';
import { MOST_TEXTS } from './inference/explain.js';
import type { Moderation } from './inference/moderator.js';
import { verifyModel } from './model/verify.js';
import { defaultModelDir } from './package-root.js';

export interface ClassifierOptions {
  /** Model directory; the one that comes with rutox unless given. */
  modelDir?: string;
  /** Inference threads, each with its own copy of the model; 1 unless given. */
  threads?: number;
  /** Texts accepted and not yet answered, 4096 unless given: beyond that calls reject with `overloaded`. */
  maxQueue?: number;
}

export interface ScoreOptions extends VerdictOptions {
  /** Gives the call up; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The model in this process, with the answers of the server's native API. Calls reject with a RutoxError
 * (`overloaded`, `unavailable`), with the reason of their signal, or with a TypeError where arguments are wrong.
 */
export interface Classifier extends AsyncDisposable {
  /** Scores one text. Calls made at the same time are scored together. */
  classify(text: string, options?: ScoreOptions): Promise<ClassifyResponse>;
  /** Scores one text and says which of its words speak for the score; costs as much as up to 65 texts. */
  explain(text: string, options?: ScoreOptions): Promise<ExplainResponse>;
  /** Scores any number of texts, taken as verdicts are, and yields a verdict for each, in their order. */
  classifyAll(texts: Source<string>, options?: ScoreOptions): AsyncGenerator<Verdict, void>;
  /** Waits for the calls under way and ends the threads. Later calls reject. */
  close(): Promise<void>;
}

const MAX_BATCH_COST = 65_536;
/** The longest that a timer can be: calls in process have no deadline but their signal. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
/**
 * Verifies the model, starts the threads, and waits until each has reproduced its golden scores. Switches the
 * telemetry of ONNX Runtime off for this process, so it belongs before anything else that loads that library.
 * @throws TypeError on options that cannot be used, Error in one line on a model that cannot
 */
export async function createClassifier(options: ClassifierOptions = {}): Promise<Classifier> {
  const { modelDir = defaultModelDir, threads = 1, maxQueue = 4096 } = options;
  checkCount('threads', threads);
  checkCount('maxQueue', maxQueue);
  disableTelemetry();
  const engine = await openEngine({
    model: await verifyModel(modelDir),
    threads,
    maxBatchCost: MAX_BATCH_COST,
    maxQueue,
    maxTexts: Math.min(MOST_TEXTS, maxQueue),
    timeoutMs: NO_TIMEOUT_MS,
    metrics: { verdict: () => {} },
  });
  const { moderator } = engine;
  const { policies } = moderator.manifest;
  /** One batch for each thread and one that waits; half the queue at most, so that several callers find room. */
  const concurrency = threads + 1;
  const limits = {
    maxTexts: Math.max(1, Math.min(64, Math.floor(maxQueue / 2 / concurrency))),
    maxChars: MAX_BATCH_COST,
  };

  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function check(texts: readonly string[], { threshold, policy }: ScoreOptions): void {
    if (closing !== undefined) throw new Error('The classifier is closed.');
    if (!texts.every((text) => typeof text === 'string')) throw new TypeError('A text must be a string.');
    if (threshold !== undefined && !(threshold >= 0 && threshold <= 1)) {
      throw new TypeError('threshold must be a number from 0 to 1');
    }
    if (policy !== undefined && !Object.hasOwn(policies, policy)) {
      throw new TypeError(`policy must be one of ${Object.keys(policies).join(', ')}`);
    }
  }

  /** `close` waits for it; when the signal fires it rejects as callers of an AbortSignal expect. */
  async function call<T>(start: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const answer = start();
    underWay.add(answer);
    try {
      return await answer;
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      underWay.delete(answer);
    }
  }

  async function moderate(texts: readonly string[], options: ScoreOptions): Promise<Moderation> {
    check(texts, options);
    const wellFormed = texts.map((text) => text.toWellFormed());
    return await call(() => moderator.moderate(wellFormed, options), options.signal);
  }

  async function close(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    await engine.close();
  }

  const classifier: Classifier = {
    async classify(text, scoreOptions = {}) {
      return answerOf(await moderate([text], scoreOptions));
    },
    async explain(text, scoreOptions = {}) {
      check([text], scoreOptions);
      const explain = async () =>
        await (await moderator.planExplanation(text.toWellFormed())).moderate(scoreOptions);
      const explained = await call(explain, scoreOptions.signal);
      const spans = explained.spans.map((span) => ({ ...span }));
      return { ...answerOf(explained), spans };
    },
    async *classifyAll(texts, { signal, ...verdict } = {}) {
      const work = (batch: string[], stopped: AbortSignal) =>
        moderate(batch, { ...verdict, signal: stopped });
      for await (const { verdicts } of inOrder(batches(texts, limits), concurrency, work, signal)) {
        for (const { isToxic, score } of verdicts) yield { is_toxic: isToxic, toxic_score: score };
      }
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => classifier.close(),
  };
  return classifier;
}

function answerOf({ verdicts, threshold, model }: Moderation): ClassifyResponse {
  const { isToxic, score } = verdicts[0]!;
  return { is_toxic: isToxic, toxic_score: score, threshold, model };
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be a whole number from 1`);
}
