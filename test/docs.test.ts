import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';

/** What the documents name must be there. */

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const documents = [
  'README.md',
  'README.ru.md',
  'CHANGELOG.md',
  ...['docs', 'data', 'models', 'load-tests'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('links only to files that exist', () => {
    const targets = [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, target]) => target!);
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(packageRoot, dirname(path), target)))).toEqual([]);
  });

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([a-z][a-z-]*)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only settings that the server has', () => {
    const help = execFileSync('node', ['dist/src/main.js', 'serve', '--help'], {
      cwd: packageRoot,
      encoding: 'utf8',
    });
    const named = [...text.matchAll(/\bRUTOX_[A-Z_]+[A-Z]\b/g)].map(([name]) => name);
    expect(named.filter((name) => !help.includes(name))).toEqual([]);
  });
});

describe('README', () => {
  it.each(['README.md', 'README.ru.md'])('%s has the figures of the manifest', (path) => {
    const text = read(path).replaceAll(/(\d),(\d)/g, '$1.$2');
    const { metrics, policies } = JSON.parse(read('models/v1.0/manifest.json')) as {
      metrics: Record<'int8' | 'fp32', { macro_f1: number; auc: number }>;
      policies: Record<string, { threshold: number }>;
    };
    for (const { macro_f1, auc } of [metrics.int8, metrics.fp32]) {
      expect(text).toContain(macro_f1.toFixed(4));
      expect(text).toContain(auc.toFixed(4));
    }
    for (const { threshold } of Object.values(policies)) expect(text).toContain(String(threshold));
  });
});

describe('docs/architecture.md', () => {
  it('names every source file', () => {
    const text = read('docs/architecture.md');
    const names = ['src', 'workers']
      .flatMap((folder) => readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }))
      .filter((name) => name.endsWith('.ts') && !/(routes|commands)\//.test(name))
      .map((name) => name.split('/').at(-1)!);
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });
});
