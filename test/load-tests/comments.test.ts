import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
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
  const folder = mkdtempSync(join(tmpdir(), 'rutox-bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileWith = (content: string) => {
    const file = join(folder, 'comments.csv');
    writeFileSync(file, content);
    return file;
  };

  it('leaves out blank comments and those that came before', async () => {
    const file = fileWith('toxic,comment\n0,раз\n1,"два, три"\n0,раз\n0,\n1,"  "\n');
    expect(await readComments(file)).toEqual(['раз', 'два, три']);
  });

  it('says that a file holds no comments', async () => {
    await expect(readComments(fileWith('comment\n'))).rejects.toThrow('no comments');
  });

  it('reads the distinct comments of the sample', async () => {
    const comments = await readComments('data/sample.csv');
    expect(comments.length).toBeGreaterThan(300);
    expect(new Set(comments).size).toBe(comments.length);
  });

  it('says which file is missing', async () => {
    await expect(readComments('data/absent.csv')).rejects.toThrow('data/absent.csv');
  });
});
