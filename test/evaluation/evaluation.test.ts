import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluate } from '../../src/evaluation/report.js';
import type { Sample } from '../../src/evaluation/sample.js';
import { htmlReport } from '../../src/evaluation/html.js';

const POLICIES = {
  premoderate: { threshold: 0.2, precision: 0.8, recall: 0.95 },
  balanced: { threshold: 0.5, precision: 0.9, recall: 0.9 },
  autoban: { threshold: 0.8, precision: 0.95, recall: 0.6 },
};
const reportOf = (sample: Sample) => evaluate(sample, POLICIES, 'balanced').report;

/** Scores of few values, so that there are ties; both labels. */
const samples = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { minLength: 2, maxLength: 60 })
  .map((pairs): Sample => ({ scores: pairs.map(([n]) => n / 20), labels: pairs.map(([, label]) => label) }))
  .filter(({ labels }) => labels.includes(true) && labels.includes(false));

describe('the report', () => {
  it('has the figures of an example worked by hand', () => {
    const report = reportOf({
      scores: [0.9, 0.8, 0.8, 0.6, 0.4, 0.1],
      labels: [true, true, false, false, true, false],
    });
    // Above 0.5: two right, two wrong; at or below: one missed, one right.
    expect(report.quality.confusion).toEqual({ tn: 1, fp: 2, fn: 1, tp: 2 });
    expect(report.quality.toxic).toEqual({ precision: 0.5, recall: 2 / 3, f1: 4 / 7, support: 3 });
    expect(report.quality.harmless).toEqual({ precision: 0.5, recall: 1 / 3, f1: 0.4, support: 3 });
    expect(report.quality.macro.f1).toBeCloseTo((4 / 7 + 0.4) / 2, 12);
    // Of nine pairs six are in order and one is a tie.
    expect(report.auc).toBeCloseTo(6.5 / 9, 12);
    // Thresholds 0.9, 0.8 and 0.4 gain a third of the recall each, at 1, 2/3 and 3/5.
    expect(report.averagePrecision).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 12);
    expect(report.brier).toBeCloseTo((0.01 + 0.04 + 0.64 + 0.36 + 0.36 + 0.01) / 6, 12);
    expect(report.best.recall95?.threshold).toBeCloseTo(0.25, 12);
    expect(report.best.precision95?.threshold).toBeCloseTo(0.85, 12);
  });

  it('has the AUC that counting all pairs gives', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        let wins = 0;
        let pairs = 0;
        sample.scores.forEach((a, i) => {
          sample.scores.forEach((b, j) => {
            if (!sample.labels[i] || sample.labels[j]) return;
            pairs++;
            wins += a > b ? 1 : a === b ? 0.5 : 0;
          });
        });
        expect(reportOf(sample).auc).toBeCloseTo(wins / pairs, 10);
      }),
    );
  });

  it('has best thresholds that no other beats', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (sample, threshold) => {
        const { best } = reportOf(sample);
        const policies = { any: { threshold, precision: 0, recall: 0 } };
        const { quality } = evaluate(sample, policies, 'any').report;
        // One that finds everything harmless is no threshold of use.
        if (quality.confusion.tp + quality.confusion.fp === 0) return;
        expect(best.toxicF1.quality.toxic.f1).toBeGreaterThanOrEqual(quality.toxic.f1);
        expect(best.macroF1.quality.macro.f1).toBeGreaterThanOrEqual(quality.macro.f1);
        if (quality.toxic.recall >= 0.95) {
          expect(best.recall95!.quality.toxic.precision).toBeGreaterThanOrEqual(quality.toxic.precision);
        }
        if (quality.toxic.precision >= 0.95) {
          expect(best.precision95!.quality.toxic.recall).toBeGreaterThanOrEqual(quality.toxic.recall);
        }
      }),
    );
  });

  it('is calibrated when the labels come as often as the scores say', () => {
    const scores = Array.from({ length: 1000 }, () => 0.3);
    expect(reportOf({ scores, labels: scores.map((_, i) => i % 10 < 3) }).calibrationError).toBeCloseTo(
      0,
      10,
    );
    expect(reportOf({ scores, labels: scores.map(() => true) }).calibrationError).toBeCloseTo(0.7, 10);
  });

  it('does without one of the labels', () => {
    const report = reportOf({ scores: [0.2, 0.7], labels: [false, false] });
    expect(report).toMatchObject({ auc: null, averagePrecision: null });
    expect(report.quality.toxic).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });

  it('is a page that loads nothing', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const page = htmlReport(evaluate(sample, POLICIES, 'balanced'), { file: '<b>&' });
        expect(page).not.toMatch(/NaN|undefined|<script|(?:src|href)=|<b>/);
        expect(page.match(/<svg/g)).toHaveLength(5);
      }),
      { numRuns: 20 },
    );
  });
});
