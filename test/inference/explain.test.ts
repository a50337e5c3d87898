import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { MOST_TEXTS, planExplanation, type Explanation, type Score } from '../../src/inference/explain.js';
import { openThreadPool, type ThreadPool } from '../../src/inference/thread-pool.js';
import { verifyModel } from '../../src/model/verify.js';
import { packageRoot } from '../../src/package-root.js';
import { realModelDir } from '../fixtures/model-dir.js';

/** Scores by a list of words: each counts, wherever it stands. */
const byWords = (weights: Record<string, number>): Score => {
  const oddsOf = (text: string) =>
    Object.entries(weights).reduce((sum, [word, weight]) => sum + (text.includes(word) ? weight : 0), -4);
  return async (texts) => texts.map((text) => 1 / (1 + Math.exp(-oddsOf(text))));
};

const settings = { window_tokens: 20, window_overlap: 5 };
const named = (text: string, { spans }: Explanation) => spans.map(({ begin, end }) => text.slice(begin, end));

describe('planExplanation', () => {
  it('names the words that count, the heaviest first, and deals the score out to them', async () => {
    const text = 'Вот же кошка, собака и слон!';
    const { score, spans } = await planExplanation(text, settings).run(byWords({ кошка: 5, собака: 9 }));
    expect(named(text, { score, spans })).toEqual(['собака', 'кошка']);
    expect(spans.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(score, 10);
  });

  it('finds each of two words of which one alone would do', async () => {
    const text = 'кошка и собака';
    const either: Score = async (texts) => texts.map((each) => (/кошка|собака/.test(each) ? 0.9 : 0.1));
    expect(named(text, await planExplanation(text, settings).run(either))).toEqual(['кошка', 'собака']);
  });

  it('finds words that say something only together', async () => {
    const text = 'Завтра я приду к тебе домой';
    const both: Score = async (texts) => texts.map((each) => (/приду.*домой/.test(each) ? 0.9 : 0.1));
    expect(named(text, await planExplanation(text, settings).run(both)).toSorted()).toEqual([
      'домой',
      'приду',
    ]);
  });

  it.each([
    ['Ты д.у.р.а.к, да', 'д.у.р.а.к'],
    ['Ты д.ура.к, да', 'д.ура.к'],
    ['Ты и д.у.р.а.к, да', 'д.у.р.а.к'],
    ['Ну д у р а к ты', 'д у р а к'],
    ['Какой дуууурррак же', 'дуууурррак'],
    ['Вот д\u200bу\u200bр\u200bа\u200bк, да', 'д\u200bу\u200bр\u200bа\u200bк'],
    ['👍 Ты ДУPАK 👍', 'ДУPАK'],
  ])('covers a disguised word as it was typed: %j', async (text, word) => {
    const hasWord: Score = async (texts) => texts.map((each) => (each.includes(word) ? 0.9 : 0.1));
    const { spans } = await planExplanation(text, settings).run(hasWord);
    expect(spans.map(({ begin, end }) => text.slice(begin, end))).toEqual([word]);
  });

  it('takes signs out only where there are no words', async () => {
    const toxic: Score = async (texts) => texts.map((each) => (each.includes('!') ? 0.9 : 0.1));
    expect(named('Да!!!', await planExplanation('Да!!!', settings).run(toxic))).toEqual([]);
    expect(named('!!!', await planExplanation('!!!', settings).run(toxic))).toEqual(['!!!']);
    expect((await planExplanation('\u200b', settings).run(async () => [0])).spans).toEqual([]);
  });

  it('finds the worst passage of a long text, and in it the word', async () => {
    const filler = 'мы гуляли в парке и кормили уток. '.repeat(150);
    for (const text of [`кошка ${filler}`, `${filler}кошка ${filler}`, `${filler}кошка`]) {
      expect(named(text, await planExplanation(text, settings).run(byWords({ кошка: 5 })))).toEqual([
        'кошка',
      ]);
    }
  });

  it('finds the word in a text that is read closely', async () => {
    const filler = 'мы гуляли в парке и кормили уток. '.repeat(150);
    const close_reading = { above_tokens: 40, window_tokens: 6, window_overlap: 2 };
    // A wide window hides what a close one shows, and only long texts are read closely.
    const drowned: Score = async (texts) =>
      texts.map((each) => {
        const words = each.split(' ').length;
        return each.includes('кошка') ? (words > 40 || words < 12 ? 0.8 : 0.3) : 0.1;
      });
    for (const text of [`кошка ${filler}`, `${filler}кошка ${filler}`, `${filler}кошка`]) {
      const plan = planExplanation(text, { ...settings, close_reading });
      expect(named(text, await plan.run(drowned))).toEqual(['кошка']);
    }
  });

  it('keeps to its bound and to the text, whatever the text is', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom('а', 'б', '.', ' ', '-', '1', '😀', '\u200b', 'ﬁ'),
        maxLength: 2000,
      }),
    );
    const run = fc.asyncProperty(texts, fc.integer({ min: 1, max: 100 }), async (text, most) => {
      const plan = planExplanation(text, settings, most);
      let scored = 0;
      const { spans } = await plan.run(async (some) => {
        scored += some.length;
        return some.map((each) => (each.length % 7) / 7);
      });
      expect(scored).toBeLessThanOrEqual(plan.texts);
      expect(plan.texts).toBeLessThanOrEqual(Math.min(most, MOST_TEXTS));
      const inOrder = spans.toSorted((a, b) => a.begin - b.begin);
      inOrder.forEach(({ begin, end, contribution }, i) => {
        expect(begin).toBeGreaterThanOrEqual(inOrder[i - 1]?.end ?? 0);
        expect(end).toBeGreaterThan(begin);
        expect(end).toBeLessThanOrEqual(text.length);
        expect(contribution).toBeGreaterThan(0);
      });
      expect(spans.map(({ contribution }) => contribution)).toEqual(
        spans.map(({ contribution }) => contribution).toSorted((a, b) => b - a),
      );
    });
    await fc.assert(run, { numRuns: 300 });
  });
});

describe('with the real model', () => {
  let pool: ThreadPool;
  let manifest: Awaited<ReturnType<typeof verifyModel>>['manifest'];
  beforeAll(async () => {
    const model = await verifyModel(realModelDir);
    ({ manifest } = model);
    const workerFile = join(packageRoot, 'dist', 'workers', 'classify.js');
    pool = await openThreadPool({ workerFile, model, threads: 1 });
  });
  afterAll(() => pool.close());
  const score: Score = async (texts) => (await pool.run([...texts])).scores;

  it('the score of at least nine in ten flagged comments falls when the first span is taken out', async () => {
    const rows = parse(readFileSync(join(packageRoot, 'data', 'sample.csv')), { columns: true }) as {
      comment: string;
    }[];
    let flagged = 0;
    let lower = 0;
    for (const { comment } of rows) {
      const { score: whole, spans } = await planExplanation(comment, manifest.text).run(score);
      if (whole <= manifest.policies.balanced.threshold) continue;
      flagged++;
      const [first] = spans;
      if (first === undefined) continue;
      const [without] = await score([`${comment.slice(0, first.begin)} ${comment.slice(first.end)}`]);
      if (without! < whole) lower++;
    }
    expect(flagged).toBeGreaterThan(100);
    expect(lower / flagged).toBeGreaterThanOrEqual(0.9);
  }, 60_000);

  it('finds a disguised insult in the middle of a long text', async () => {
    const filler = 'Сегодня мы гуляли в парке и кормили уток. '.repeat(60);
    const text = `${filler}Ты д.е.б.и.л! ${filler}`;
    const explanation = await planExplanation(text, manifest.text).run(score);
    expect(named(text, explanation)[0]).toBe('д.е.б.и.л');
  });
});
