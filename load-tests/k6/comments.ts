import { SharedArray } from 'k6/data';
import { scenario } from 'k6/execution';
import { readColumn } from './csv.ts';

/** One copy for all virtual users. */
const comments = new SharedArray('comments', () =>
  readColumn(open(__ENV['DATA'] ?? '../../data/sample.csv'), __ENV['COLUMN'] ?? 'comment'),
);

/** Every iteration begins at another comment, the same in every run. */
export function nextComments(count: number): string[] {
  const first = scenario.iterationInTest * count;
  return Array.from({ length: count }, (_, index) => comments[(first + index) % comments.length]!);
}

export function nextComment(): string {
  return nextComments(1)[0]!;
}
