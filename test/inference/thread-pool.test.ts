import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createBatcher } from '../../src/inference/batcher.js';
import { systemClock } from '../../src/inference/clock.js';
import { openThreadPool, type ThreadPool, type ThreadPoolOptions } from '../../src/inference/thread-pool.js';
import { verifyModel } from '../../src/model/verify.js';
import { packageRoot } from '../../src/package-root.js';
import { realModelDir } from '../fixtures/model-dir.js';

const pools: ThreadPool[] = [];
const model = await verifyModel(realModelDir);
const worker = (name: string) => join(packageRoot, 'test', 'fixtures', 'workers', name);

async function open(options: Partial<ThreadPoolOptions> = {}): Promise<ThreadPool> {
  const pool = await openThreadPool({
    workerFile: worker('stand-in.mjs'),
    model,
    threads: 2,
    ...options,
  });
  pools.push(pool);
  return pool;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await sleep(20);
  expect(condition()).toBe(true);
}

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

describe('openThreadPool', () => {
  it('scores on its threads, a batch for each at once', async () => {
    const pool = await open();
    expect(pool.slots).toBe(2);
    expect(await pool.run(['a', 'bcd', ''])).toMatchObject({
      scores: [1, 3, 0],
      tokenizeMs: 1,
      inferenceMs: 2,
    });
    const started = performance.now();
    await Promise.all([pool.run(['slow']), pool.run(['slow'])]);
    expect(performance.now() - started).toBeLessThan(190);
  });

  it('turns failures that a thread reports or throws into internal errors, and goes on', async () => {
    const pool = await open();
    await expect(pool.run(['fail'])).rejects.toMatchObject({
      kind: 'internal',
      message: 'An inference thread could not score a batch.',
      cause: { message: 'cannot do it' },
    });
    await expect(pool.run(['throw'])).rejects.toMatchObject({ kind: 'internal' });
    expect((await pool.run(['ab'])).scores).toEqual([2]);
  });

  it.each(['exit', 'uncaught'])(
    'replaces a thread that ends at work (%s), and fails its batch only',
    async (how) => {
      let replaced = 0;
      const pool = await open({ onThreadReplaced: () => replaced++ });
      const other = pool.run(['slow']);
      await expect(pool.run([how])).rejects.toMatchObject({
        kind: 'internal',
        message: 'An inference thread ended while it scored a batch.',
      });
      expect((await other).scores).toEqual([4]);
      await until(() => replaced === 1);
      const answers = await Promise.all(Array.from({ length: 8 }, () => pool.run(['ab'])));
      expect(answers.map(({ scores }) => scores)).toEqual(Array.from({ length: 8 }, () => [2]));
    },
  );

  it.each(['exit', 'throw', 'fail'])(
    'under a batcher, a text over which a thread ends or fails (%s) harms its own caller only',
    async (how) => {
      const pool = await open();
      const batcher = createBatcher({
        slots: 1,
        maxCost: 1000,
        clock: systemClock,
        runBatch: (texts) => pool.run(texts),
      });
      const submit = (...texts: string[]) => batcher.submit(texts, { timeoutMs: 10_000 });
      const first = submit('slow');
      const deadly = submit('ab', how, 'cd');
      const others = [submit('a'), submit('ab', 'abc'), submit('')];
      await first;
      await expect(deadly).rejects.toMatchObject({ kind: 'unavailable', cause: { kind: 'internal' } });
      expect((await Promise.all(others)).map(({ scores }) => scores)).toEqual([[1], [2, 3], [0]]);
    },
  );

  it('replaces a thread that ends idle', async () => {
    let replaced = 0;
    const pool = await open({ onThreadReplaced: () => replaced++ });
    await pool.run(['uncaught later']);
    await until(() => replaced === 1);
    expect((await pool.run(['ab'])).scores).toEqual([2]);
  });

  it.each([
    ['cannot load', 'loads-once.mjs', 'the model is gone'],
    ['ends while it loads', 'dies-loading.mjs', 'an inference thread ended while it loaded the model'],
  ])('says so when a replacement %s, and answers every batch', async (_what, name, reason) => {
    const folder = mkdtempSync(join(tmpdir(), 'rutox-pool-'));
    const reasons: string[] = [];
    const pool = await open({
      workerFile: worker(name),
      model: { ...model, vocabulary: { ...model.vocabulary, path: join(folder, 'loaded') } },
      threads: 1,
      onBroken: (why) => reasons.push(why),
    });
    await expect(pool.run(['exit'])).rejects.toMatchObject({ kind: 'internal' });
    await expect(pool.run(['ab'])).rejects.toMatchObject({ kind: 'internal' });
    await expect(pool.run(['ab'])).rejects.toMatchObject({ kind: 'internal' });
    expect(new Set(reasons)).toEqual(new Set([reason]));
    rmSync(folder, { recursive: true });
  });

  it.each(['cannot-load.mjs', 'does-not-exist.mjs'])('does not start with %s', async (name) => {
    await expect(open({ workerFile: worker(name) })).rejects.toThrow(/no such library|Cannot find module/);
  });

  it('waits for the batches under way when it closes', async () => {
    const pool = await open();
    const batches = Array.from({ length: 6 }, () => pool.run(['slow']));
    await pool.close();
    expect((await Promise.all(batches)).map(({ scores }) => scores)).toEqual(batches.map(() => [4]));
  });
});
