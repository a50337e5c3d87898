import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batches, inOrder } from '../src/batches.js';

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

async function* from<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items;
}

describe('batches', () => {
  it('loses nothing, keeps the order and its limits, whatever the texts', async () => {
    const limits = fc.record({
      maxTexts: fc.integer({ min: 1, max: 5 }),
      maxChars: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 30 })),
        limits,
        async (texts, { maxTexts, maxChars }) => {
          const cut = await collect(batches(texts, { maxTexts, maxChars }));
          expect(cut.flat()).toEqual(texts);
          for (const batch of cut) {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(maxTexts);
            if (batch.length > 1) expect(batch.join('').length).toBeLessThanOrEqual(maxChars);
          }
        },
      ),
    );
  });

  it('passes a full batch on before the next text is there', async () => {
    async function* slow() {
      yield* ['a', 'b'];
      await new Promise(() => {});
    }
    const cut = batches(slow(), { maxTexts: 2, maxChars: 10 });
    expect((await cut.next()).value).toEqual(['a', 'b']);
  });
});

describe('inOrder', () => {
  it('keeps the order and the bound, whichever work ends first', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      most = Math.max(most, ++running);
      await sleep(item % 3 === 0 ? 20 : 1);
      running--;
      return item * 2;
    };
    const items = Array.from({ length: 20 }, (_, i) => i);
    expect(await collect(inOrder(from(items), 4, work))).toEqual(items.map((item) => item * 2));
    expect(most).toBe(4);
  });

  it('yields a result while the source is waiting', async () => {
    async function* stalls() {
      yield 1;
      await new Promise(() => {});
    }
    const results = inOrder(stalls(), 4, (item) => Promise.resolve(item));
    expect(await results.next()).toEqual({ done: false, value: 1 });
  });

  it('takes no more items than the caller takes results', async () => {
    let taken = 0;
    async function* count() {
      for (;;) yield taken++;
    }
    const results = inOrder(count(), 3, (item) => Promise.resolve(item));
    await results.next();
    await sleep(20);
    expect(taken).toBeLessThanOrEqual(4);
    await results.return();
  });

  it('ends with the first error, after the results before it, and aborts the rest', async () => {
    const aborted: number[] = [];
    const work = (item: number, signal: AbortSignal) =>
      item === 0
        ? Promise.resolve(item)
        : item === 1
          ? sleep(10).then(() => Promise.reject(new Error('no')))
          : new Promise<number>((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                aborted.push(item);
                reject(signal.reason as Error);
              });
            });
    const results = inOrder(from([0, 1, 2, 3]), 4, work);
    expect((await results.next()).value).toBe(0);
    await expect(results.next()).rejects.toThrow('no');
    expect(aborted).toEqual([2, 3]);
  });

  it('ends at once when the signal fires, though the source waits, and closes the source', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) {
          await sleep(50);
          yield 1;
        }
      } finally {
        closed = true;
      }
    }
    const controller = new AbortController();
    const results = inOrder(endless(), 2, (item) => Promise.resolve(item), controller.signal);
    await results.next();
    const next = collect(results);
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await sleep(80);
    expect(closed).toBe(true);
  });

  it('passes on the error of the source', async () => {
    async function* broken() {
      yield 1;
      throw new Error('the file is gone');
    }
    await expect(collect(inOrder(broken(), 2, (item) => Promise.resolve(item)))).rejects.toThrow(
      'the file is gone',
    );
  });
});
