import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { referencePages } from '../scripts/reference/pages.js';
import { settingsInWords } from '../src/config.js';
import { packageRoot } from '../src/package-root.js';

const pages = await referencePages();

describe('docs/reference', () => {
  it.each(Object.keys(pages))('%s is what `npm run reference` writes', (name) => {
    expect(readFileSync(join(packageRoot, 'docs', 'reference', name), 'utf8')).toBe(pages[name]);
  });

  it('has every setting with its default', () => {
    for (const { variable, fallback } of settingsInWords()) {
      expect(pages['settings.md']).toMatch(new RegExp(`^\\| \`${variable}\` .*\\| ${fallback} +\\|$`, 'm'));
    }
  });

  it('has fields with their bounds, and those inside of others', () => {
    const text = pages['http.md']!.replaceAll(/ +/g, ' ');
    expect(text).toContain('### `POST /v1/classify/batch`');
    expect(text).toContain(
      '| `texts` | yes | array (1 to 128 items) of string (at most 20480 characters, matches `\\S`) |',
    );
    expect(text).toContain('| `results[].toxic_score` | yes | number (0 to 1) |');
    expect(text).toContain('| `inputs[].parameters` | | object or null |');
  });

  it('has commands below commands, and each option', () => {
    expect(pages['command-line.md']).toMatch(
      /^## rutox model verify\n\n```text\nUsage: rutox model verify /m,
    );
    expect(pages['command-line.md']).toContain('--threshold <number>');
  });
});
