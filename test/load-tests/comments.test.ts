import { describe, expect, it } from '@jest/globals';
import { cycle, readComments } from '../../load-tests/bench/comments.js';

describe('cycle', () => {
  it('gives every comment once before any comes again, in the same order each time', () => {
    const comments = ['а', 'б', 'в', 'г', 'д'];
    const source = cycle(comments, 1);
    const first = [...source(3), ...source(2)];
    expect(first.toSorted()).toEqual(comments);
    expect(source(5).toSorted()).toEqual(comments);
    expect(cycle(comments, 1)(5)).toEqual(first);
  });
});

describe('readComments', () => {
  it('reads the distinct comments of the sample', async () => {
    const comments = await readComments('data/sample.csv');
    expect(comments.length).toBeGreaterThan(300);
    expect(new Set(comments).size).toBe(comments.length);
  });

  it('says which file is missing', async () => {
    await expect(readComments('data/absent.csv')).rejects.toThrow('data/absent.csv');
  });
});
