import cluster from 'node:cluster';
import { ConfigError } from '../config.js';
import type { RateLimiter } from '../inference/rate-limit.js';
import type { MetricSnapshot } from '../metrics.js';
import type { FromServer, ToServer } from './messages.js';
import type { Started } from './server-process.js';

/** The primary, as a server process sees it. */
export interface PrimaryLink {
  ready(started: Started): void;
  /** Tells why this process cannot start: the primary says it to the operator. */
  failed(error: unknown): Promise<void>;
  /** The metrics of the whole cluster. */
  exposeMetrics(): Promise<string>;
  /** Shares the limiter's budgets with the other processes. */
  share(limiter: RateLimiter): void;
  /** Sends the last metrics and lets go of the primary, so that the process can end. */
  close(): Promise<void>;
}

export interface PrimaryRequests {
  readonly onDrain: () => void;
  /** The primary is gone: nobody brings new connections any more. */
  readonly onOrphaned: () => void;
  readonly snapshot: () => Promise<MetricSnapshot>;
}

/** A caller can get this much more than its budget in each process, and gets less afterwards. */
const SHARE_MS = 50;

/** Connects a server process to the primary that started it. */
export function linkToPrimary({ onDrain, onOrphaned, snapshot }: PrimaryRequests): PrimaryLink {
  // Node would exit at once when the primary goes, in the middle of a batch.
  cluster.worker!.exitedAfterDisconnect = true;
  let closing = false;
  process.once('disconnect', () => {
    for (const scrape of scrapes.values()) scrape.reject(new Error('the primary is gone'));
    if (!closing) onOrphaned();
  });

  let limiter: RateLimiter | undefined;
  const scrapes = new Map<number, { resolve(body: string): void; reject(error: Error): void }>();
  let lastScrape = 0;

  function send(message: FromServer): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected) return resolve();
      // The callback takes what `send` would otherwise throw when the channel closes under it.
      process.send!(message, undefined, {}, () => resolve());
    });
  }

  process.on('message', (message: ToServer) => {
    switch (message.type) {
      case 'drain':
        onDrain();
        break;
      case 'collect':
        void snapshot().then((own) => send({ type: 'metrics', snapshot: own }));
        break;
      case 'scraped':
        scrapes.get(message.id)?.resolve(message.body);
        scrapes.delete(message.id);
        break;
      case 'spent':
        limiter?.spend(message.spending);
        break;
    }
  });

  async function leave(lastWords: FromServer): Promise<void> {
    closing = true;
    await send(lastWords);
    if (process.connected) process.disconnect();
  }

  return {
    ready: (started) => void send({ type: 'ready', ...started }),
    failed: (error) =>
      leave({
        type: 'failed',
        message: error instanceof Error ? error.message : String(error),
        isConfig: error instanceof ConfigError,
      }),
    exposeMetrics: () =>
      new Promise((resolve, reject) => {
        const id = ++lastScrape;
        scrapes.set(id, { resolve, reject });
        void send({ type: 'scrape', id });
      }),
    share(own) {
      limiter = own;
      setInterval(() => {
        const spending = own.takeSpent();
        if (spending.length > 0) void send({ type: 'spent', spending });
      }, SHARE_MS).unref();
    },
    close: async () => leave({ type: 'metrics', snapshot: await snapshot() }),
  };
}
