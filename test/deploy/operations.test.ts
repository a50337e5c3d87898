import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeSettings } from '../../src/config.js';
import { packageRoot } from '../../src/package-root.js';

/** docs/operations.md leaves out no setting, no metric and no alert. */

const text = readFileSync(join(packageRoot, 'docs', 'operations.md'), 'utf8');

/** The names in the first column of the table below a heading. */
function named(heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\| [`[](\w+)[`\]]/gm)].map(([, name]) => name!).toSorted();
}

describe('docs/operations.md', () => {
  it('has every setting', () => {
    const settings = [...describeSettings().matchAll(/^ {2}([A-Z_]+)/gm)].map(([, name]) => name!);
    expect(settings.length).toBeGreaterThan(15);
    expect(named('Every setting')).toEqual(settings.toSorted());
  });

  it('has every metric', () => {
    const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(packageRoot, 'src', path), 'utf8'));
    const metrics = sources
      .flatMap((source) => [...source.matchAll(/name: '(rutox_\w+)'/g)])
      .map(([, name]) => name!);
    expect(metrics).toContain('rutox_reloads_total');
    expect(named('Every metric')).toEqual(metrics.toSorted());
  });

  it('has every alert', () => {
    const rules = readFileSync(join(packageRoot, 'deploy', 'prometheus', 'rutox.rules.yml'), 'utf8');
    const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name!);
    expect(alerts.length).toBeGreaterThan(5);
    expect(named('Every alert')).toEqual(alerts.toSorted());
  });
});
