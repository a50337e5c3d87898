import { once } from 'node:events';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { packageRoot } from '../../src/package-root.js';

const FILE = join(packageRoot, 'dist', 'load-tests', 'load', 'alarm.js');

const SLEEP_US = 0;
const NEVER = 1;

/** Nothing is gained by waking more often than this, and every time costs some 15 µs of a CPU. */
const SHORTEST_US = 200;

/**
 * Calls back after a time finer than the milliseconds of `setTimeout`: an open loop that sends late would count
 * its own lateness as the server's. A thread sleeps meanwhile, so the event loop stays free.
 */
export class Alarm {
  /** Called once for every `set`. */
  onRing: () => void = () => {};
  readonly #cells: Int32Array;
  readonly #thread: Worker;

  private constructor(cells: Int32Array, thread: Worker) {
    this.#cells = cells;
    this.#thread = thread;
    thread.on('message', () => this.onRing());
  }

  /** Waits until the thread is there: that takes tens of milliseconds, which no request should wait. */
  static async start(): Promise<Alarm> {
    const cells = new Int32Array(new SharedArrayBuffer(8));
    const thread = new Worker(FILE, { workerData: cells });
    await once(thread, 'message');
    return new Alarm(cells, thread);
  }

  /** Sets it; it must have rung before it is set again. */
  set(ms: number): void {
    Atomics.store(this.#cells, SLEEP_US, Math.max(SHORTEST_US, Math.round(ms * 1000)));
    Atomics.notify(this.#cells, SLEEP_US);
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}

function sleepAndRing(cells: Int32Array): never {
  parentPort!.postMessage(null);
  for (;;) {
    Atomics.wait(cells, SLEEP_US, 0);
    const us = Atomics.exchange(cells, SLEEP_US, 0);
    Atomics.wait(cells, NEVER, 0, us / 1000);
    parentPort!.postMessage(null);
  }
}

if (!isMainThread && workerData instanceof Int32Array) sleepAndRing(workerData);
