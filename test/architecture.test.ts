import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';

/** The rules of docs/architecture.md about who may import whom. */

interface Source {
  readonly path: string;
  readonly text: string;
  /** Files of this project, by path; packages and built-ins, by name. */
  readonly imports: readonly string[];
}

/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`. */
const IMPORT = /^(?:import|export)\b(?:[^;'"]*\bfrom)? '([^']+)'|\bimport\('([^']+)'\)/gm;

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(packageRoot, path), 'utf8');
      const specifiers = [...text.matchAll(IMPORT)].map((match) => (match[1] ?? match[2])!);
      const imports = specifiers.map((specifier) =>
        specifier.startsWith('.') ? posix.join(dirname(path), specifier).replace(/\.js$/, '.ts') : specifier,
      );
      return { path, text, imports };
    });
}

const sources = [...sourcesIn('src'), ...sourcesIn('workers')];
const isProjectFile = (name: string) => name.startsWith('src/') || name.startsWith('workers/');

/** Paths of the files for which `test` holds. */
function where(test: (source: Source) => boolean): string[] {
  return sources.filter(test).map(({ path }) => path);
}

function importersOf(name: string): string[] {
  return where(({ imports }) => imports.includes(name)).toSorted();
}

/** What the files below `folder` import of the project's own files, outside that folder. */
function importsOf(folder: string): string[] {
  const inside = sources.filter(({ path }) => path.startsWith(folder));
  expect(inside.length).toBeGreaterThan(0);
  const imports = inside.flatMap((source) => source.imports).filter(isProjectFile);
  return [...new Set(imports)].filter((path) => !path.startsWith(folder)).toSorted();
}

describe('architecture', () => {
  it('reads imports, so that the rules below mean something', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.find(({ path }) => path === 'src/main.ts')!.imports).toContain('src/commands/program.ts');
    const missing = sources.flatMap(({ imports }) => imports.filter(isProjectFile));
    expect(missing.filter((path) => !sources.some((source) => source.path === path))).toEqual([]);
  });

  it('has one home for each foreign thing', () => {
    expect(importersOf('onnxruntime-node')).toEqual(['workers/session.ts']);
    expect(importersOf('piscina')).toEqual(['src/inference/thread-pool.ts']);
    expect(importersOf('prom-client')).toEqual(['src/cluster/merged-metrics.ts', 'src/metrics.ts']);
    expect(
      importersOf('node:cluster').filter(
        (path) => !/^src\/(cluster\/|main|run-server|commands\/serve)/.test(path),
      ),
    ).toEqual([]);
    const home = where(({ imports }) => imports.some((name) => name.startsWith('@opentelemetry/')));
    expect(home).toEqual(['src/tracing.ts']);
    expect(importersOf('pino')).toEqual(['src/logger.ts']);
    for (const name of ['express', 'swagger-ui-express']) {
      expect(importersOf(name).filter((path) => !path.startsWith('src/http/'))).toEqual([]);
    }
    expect(importersOf('ajv').filter((path) => !/^src\/(http|model)\//.test(path))).toEqual([]);
  });

  it('reads the environment in config.ts alone', () => {
    expect(where(({ text }) => /process\.env|import\.meta\.env/.test(text))).toEqual(['src/config.ts']);
  });

  it('keeps the text pipeline pure', () => {
    expect(importsOf('src/text/')).toEqual([]);
    const foreign = sources
      .filter(({ path }) => path.startsWith('src/text/'))
      .flatMap(({ imports }) => imports);
    expect(foreign.filter((name) => !isProjectFile(name))).toEqual([]);
  });

  it('keeps the client free of Node and of packages, so that browsers can load it', () => {
    expect(importsOf('src/client/')).toEqual(['src/batches.ts', 'src/errors.ts']);
    const clients = sources.filter(({ path }) => /^src\/(client\/|batches\.ts|errors\.ts)/.test(path));
    expect(clients.flatMap(({ imports }) => imports).filter((name) => !isProjectFile(name))).toEqual([]);
    expect(clients.filter(({ text }) => /\bprocess\.|\bBuffer\b/.test(text))).toEqual([]);
  });

  it('has the library know nothing of HTTP', () => {
    const reached = new Set(['src/index.ts']);
    for (const path of reached) {
      for (const name of sources.find((source) => source.path === path)!.imports.filter(isProjectFile))
        reached.add(name);
    }
    expect(
      [...reached].filter((path) => /^src\/(http|cluster|commands|server|run-server|main)/.test(path)),
    ).toEqual([]);
  });

  it('imports one way', () => {
    const allowed: Record<string, RegExp> = {
      'src/cluster/':
        /^src\/(inference\/(clock|rate-limit)\.ts|config\.ts|logger\.ts|metrics\.ts|stop-requests\.ts)/,
      'src/model/': /^never$/,
      'src/inference/': /^src\/(model\/|text\/|errors\.ts|metrics\.ts|package-root\.ts)/,
      'src/http/':
        /^src\/(inference\/(moderator|rate-limit)\.ts|model\/|api-keys\.ts|feedback\.ts|errors\.ts|metrics\.ts|logger\.ts|config\.ts|package-root\.ts|tracing\.ts)/,
      'workers/': /^src\/(inference\/messages\.ts|model\/|text\/)/,
    };
    for (const [folder, pattern] of Object.entries(allowed)) {
      expect(importsOf(folder).filter((path) => !pattern.test(path))).toEqual([]);
    }
    // Only the command line knows the server, and nothing knows the command line.
    expect(importersOf('src/server.ts')).toEqual(['src/run-server.ts']);
    expect(importersOf('src/run-server.ts')).toEqual(['src/commands/serve.ts']);
    expect(importersOf('src/cluster/primary-link.ts')).toEqual(['src/run-server.ts']);
    expect(importersOf('src/cluster/primary.ts')).toEqual(['src/commands/serve.ts']);
    expect(importersOf('src/main.ts')).toEqual([]);
    expect(where(({ imports }) => imports.some((path) => path.startsWith('workers/')))).toEqual(
      where(
        ({ path, imports }) =>
          path.startsWith('workers/') && imports.some((name) => name.startsWith('workers/')),
      ),
    );
  });

  it('has files that can be read in one sitting', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path);
    expect(long).toEqual([]);
  });
});
