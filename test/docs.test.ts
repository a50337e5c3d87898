import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../src/model/manifest.js';
import { packageRoot } from '../src/package-root.js';
import { startServer, type ReadyServer } from './contract/server.js';

/** What the documents name must be there, what they print must be so. */

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const isThere = (path: string) => existsSync(join(packageRoot, path));
const help = (...args: string[]) =>
  execFileSync(process.execPath, [join('dist', 'src', 'main.js'), ...args, '--help'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });

/** Paths of the files in `folder`, from the root. What a user keeps there (data/raw) and what Python leaves are none of ours. */
function filesIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => !/^data\/raw|__pycache__|\.ipynb_checkpoints/.test(path));
}

const FOLDERS = [
  'src',
  'workers',
  'playground',
  'test',
  'docs',
  'data',
  'models',
  'load-tests',
  'notebooks',
  'scripts',
  'deploy',
];
const files = FOLDERS.flatMap(filesIn);
const names = new Set(files.map((path) => basename(path)));
const documents = [
  'README.md',
  'README.ru.md',
  'CHANGELOG.md',
  ...files.filter((path) => path.endsWith('.md') && !path.startsWith('notebooks/')),
];

const settings = new Set(
  help('serve')
    .match(/^ {2}[A-Z_]+/gm)!
    .map((name) => name.trim()),
);
const commands = new Set([...help().matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!));
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** The first group of each match. */
function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found!);
}

/** The name that a heading is linked by: lower case, letters, digits and hyphens only. */
function anchors(text: string): string[] {
  return all(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('links only to what exists', () => {
    const links = all(text, /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.join(dirname(path), file);
      return !isThere(target) || (anchor !== undefined && !anchors(read(target)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names only files that exist', () => {
    // A path from the root, from src/, from the folder of the document or below load-tests/; or a mere file name.
    const named = all(text, /`([\w./-]+\.(?:ts|mjs|py|md|ipynb|json|csv|txt|onnx))`/g);
    const missing = named.filter((name) => {
      if (!name.includes('/')) return !names.has(name) && !isThere(name);
      return !['', 'src', dirname(path), 'load-tests'].some((folder) => isThere(posix.join(folder, name)));
    });
    // Where the user puts the dataset, and files that the examples make.
    const ofUsers = ['data/raw/dataset.csv', 'comments.csv', 'site.mjs', 'bot.mjs'];
    expect(missing.filter((name) => !ofUsers.includes(name))).toEqual([]);
  });

  it('names only scripts, commands and settings that there are', () => {
    expect(all(text, /npm run ([a-z][a-z-]*)/g).filter((name) => !(name in scripts))).toEqual([]);
    const called = all(text, /(?:`rutox|dist\/src\/main\.js) ([a-z]+)/g);
    expect(called.filter((name) => !commands.has(name))).toEqual([]);
    expect(all(text, /\b(RUTOX_[A-Z_]+)\b/g).filter((name) => !settings.has(name))).toEqual([]);
  });
});

/** The fenced blocks of a document in order, without their comments: they are translated. */
function blocks(text: string): { language: string; content: string }[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, content]) => ({
    language: language!,
    content: content!.replaceAll(/ +# .*$/gm, ''),
  }));
}

describe('README', () => {
  const readme = read('README.md');
  const manifest = JSON.parse(read('models/v1.1/manifest.json')) as Manifest & {
    baselines: Record<string, { macro_f1: number; auc: number }>;
  };

  it('has a twin in Russian with the same commands and answers', () => {
    const spoken = (text: string) => blocks(text).filter(({ language }) => language !== '');
    expect(spoken(read('README.ru.md'))).toEqual(spoken(readme));
  });

  it.each(['README.md', 'README.ru.md'])('%s has the figures of the manifest and of the bench', (path) => {
    const text = read(path).replaceAll(/(\d),(\d)/g, '$1.$2');
    const { metrics, baselines, policies } = manifest;
    for (const quality of [metrics.int8, metrics.fp32, ...Object.values(baselines)]) {
      const figures = [quality['macro_f1'], quality['auc']].map((value) => value!.toFixed(4));
      expect(text).toMatch(new RegExp(`\\| +${figures.join(' \\| ')} \\|`));
    }
    for (const [name, { threshold, precision, recall }] of Object.entries(policies)) {
      const figures = [threshold.toFixed(4), precision.toFixed(3), recall.toFixed(3)];
      expect(text).toMatch(new RegExp(`\`${name}\` .*${figures.join(' *\\| *')}`));
    }
    const results = read('load-tests/RESULTS.md');
    const [time] = all(results, /^\| rutox, texts to scores +\| +\d+ \| +([\d.]+)/gm);
    const [ratio] = all(results, /^\*\*([\d.]+) \(.*times as fast/gm);
    expect(text).toMatch(new RegExp(`(?<!\\d)${Math.round(Number(time))} (?:µs|мкс)`));
    expect(text).toMatch(
      new RegExp(`(?<!\\d)${Math.round(Number(ratio))} раз|${Math.round(Number(ratio))} times`),
    );
  });

  describe('the answers it prints', () => {
    let server: ReadyServer;
    beforeAll(async () => {
      server = await startServer();
    }, 60_000);
    afterAll(() => server.stop());

    /** Each curl and the block below it. */
    const exchangesOf = (text: string) =>
      blocks(text).flatMap(({ content }, index, { [index + 1]: next }) =>
        content.includes('curl ') ? [{ request: content, answer: next!.content }] : [],
      );
    const exchanges = exchangesOf(readme);
    const pages = ['docs/openai-moderation.md', 'docs/open-inference-protocol.md'].map(read);
    const printed = [readme, ...pages].flatMap(exchangesOf);

    it.each(printed)('are those of the server: $request', async ({ request, answer }) => {
      const url = new URL(/http:\S+/.exec(request)![0]);
      const response = await fetch(server.url + url.pathname, {
        method: 'POST',
        headers: all(request, /-H '([^']+)'/g).map((header) => header.split(': ') as [string, string]),
        body: /-d '(.+)'/.exec(request)![1]!,
      });
      // Another CPU may differ in the last digits.
      const asShown = (text: string) =>
        text
          .trim()
          .replaceAll(/"toxic_score":([\d.e-]+)/g, (_, score) => `"toxic_score":${Number(score).toFixed(2)}`)
          .replaceAll(/\b[01]\.\d{6}\b/g, (score) => Number(score).toFixed(2));
      expect(asShown(await response.text())).toBe(asShown(answer));
    });

    it('docs/explanations.md has the fields and the first span of the server’s answer', async () => {
      const [exchange] = exchangesOf(read('docs/explanations.md'));
      const response = await fetch(`${server.url}/v1/explain`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: /-d '(.+)'/.exec(exchange!.request)![1]!,
      });
      // Each number but the offsets is the model's.
      const shown = (await response.text()).replaceAll(/("\w+"):(?:[\d.e-]*\.[\d.e-]+|"[\d.]+")/g, '$1:…');
      const [shape] = exchange!.answer.replaceAll('"model":"…"', '"model":…').split(',…');
      expect(shown.startsWith(shape!)).toBe(true);
    });

    it('are several', () => expect(exchanges.length).toBeGreaterThan(2));

    it('have the scores of golden.json to the last digit', () => {
      const { cases } = JSON.parse(read('models/v1.1/golden.json')) as {
        cases: { text: string; score: number }[];
      };
      const printed = exchanges.flatMap(({ answer }) => all(answer, /"toxic_score":([\d.e-]+)/g)).map(Number);
      const asked = exchanges.flatMap(({ request }) => all(request, /"([^"]*[а-я][^"]*)"/g));
      expect(printed).toEqual(asked.map((comment) => cases.find(({ text }) => text === comment)?.score));
    });
  });
});

describe('docs/README.md', () => {
  it('links every page', () => {
    const linked = all(read('docs/README.md'), /\]\(([\w./-]+)\)/g).map((link) => posix.join('docs', link));
    const pages = files.filter((path) => /^docs\/(?!decisions\/|README).*\.md$/.test(path));
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

describe('docs/how-it-works.md', () => {
  it('has a twin in Russian with the same sections, commands and links', () => {
    const shape = (path: string) => {
      const text = read(path);
      const links = all(text, /\]\(([^)]+)\)/g).filter((link) => !link.startsWith('how-it-works'));
      return {
        headings: all(text, /^(#+) /gm),
        blocks: blocks(text),
        links: links.map((link) => link.replace('.ru.svg', '.svg')).toSorted(),
      };
    };
    expect(shape('docs/how-it-works.ru.md')).toEqual(shape('docs/how-it-works.md'));
  });

  it.each(files.filter((path) => /images\/how-\w+\.svg$/.test(path)))(
    '%s differs in its words alone',
    (path) => {
      const drawn = (text: string) => text.replaceAll(/>[^<]*</g, '><');
      expect(drawn(read(path.replace('.svg', '.ru.svg')))).toBe(drawn(read(path)));
    },
  );
});

describe('docs/architecture.md', () => {
  /** Paths in the tree below "Files", and the file names that the line of a folder lists. */
  function tree(): string[] {
    const section = read('docs/architecture.md').split('\n## Files\n')[1]!;
    const parents: string[] = [];
    return blocks(section)[0]!
      .content.trimEnd()
      .split('\n')
      .flatMap((line) => {
        const [, indent, name, rest] = /^( *)(\S+)(.*)$/.exec(line)!;
        const depth = indent!.length / 2;
        const path = [...parents.slice(0, depth), name!].join('');
        parents[depth] = name!;
        const listed = name!.endsWith('/') ? all(rest!, /([\w.-]+\.(?:ts|md|json|csv|onnx))\b/g) : [];
        return [path, ...listed.map((file) => path + file)];
      });
  }

  it('has a tree of what exists', () => {
    expect(tree().length).toBeGreaterThan(60);
    expect(tree().filter((path) => !isThere(path))).toEqual([]);
  });

  it('names every source file', () => {
    const sources = files.filter((path) => /^(?:src|workers|playground)\/.*\.ts$/.test(path));
    expect(sources.filter((path) => !tree().includes(path))).toEqual([]);
  });
});
