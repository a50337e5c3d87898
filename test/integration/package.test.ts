import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { defaultModelDir, packageRoot, packageVersion } from '../../src/package-root.js';

/** What `npm pack` gives, as it lies in the project of somebody who installed it: outside the repository. */

jest.setTimeout(120_000);

const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args, { cwd: project, env });
const env = { PATH: process.env['PATH'] };

let project: string;
let installed: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'rutox-package-'));
  const modules = join(project, 'node_modules');
  installed = join(modules, 'rutox');
  mkdirSync(installed, { recursive: true });
  const options = { cwd: packageRoot, env: { ...env, HOME: project } };
  await run('npm', ['pack', '--offline', '--pack-destination', project], options);
  const [tarball] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', tarball!, '-C', installed, '--strip-components=1'], { cwd: project });
  // What it depends on, and no more: a registry is not asked.
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../rutox/dist/src/main.js', join(modules, '.bin', 'rutox'));
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(project, { recursive: true }));

const rutox = () => join(project, 'node_modules', '.bin', 'rutox');

describe('the package', () => {
  it('holds the program, the model and what one must read, and no tests', () => {
    const model = posix.join('models', basename(defaultModelDir));
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/src/main.js',
        'dist/workers/classify.js',
        `${model}/cnn_int8.onnx`,
        `${model}/manifest.json`,
      ]),
    );
    const wanted = /^(package\.json|LICENSE|README\S*|(dist|models|data|docs)(\/.*)?)$/;
    expect(files.filter((name) => !wanted.test(name))).toEqual([]);
    expect(
      files.filter((name) => /^dist\/(?!src|workers|playground)|\.test\.|\.map$|cnn_fp32/.test(name)),
    ).toEqual([]);
  });

  it('has the command line, whole', async () => {
    expect((await node(rutox(), '--version')).stdout).toBe(`${packageVersion()}\n`);
    expect(readFileSync(rutox(), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const info = JSON.parse((await node(rutox(), 'model', 'info', '--json')).stdout) as { version: string };
    expect(info.version).toMatch(/^[\d.]+$/);
    writeFileSync(join(project, 'comments.csv'), 'comment\n"Иди нахуй, дебил"\n"Завтра\nдождь"\n');
    const { stdout } = await node(rutox(), 'classify', 'comments.csv');
    expect(stdout.replaceAll(/0\.\d+/g, '0.x')).toBe(
      'comment,toxic_score,is_toxic\n"Иди нахуй, дебил",0.x,true\n"Завтра\nдождь",0.x,false\n',
    );
  });

  it('serves', async () => {
    const settings = { ...env, PORT: '0', HOST: '127.0.0.1', RUTOX_PROCESSES: '1' };
    const server = spawn(process.execPath, [rutox(), 'serve'], { cwd: project, env: settings });
    const port = await new Promise<string>((resolve, reject) => {
      let output = '';
      server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const [, found] = /"port":(\d+).*"msg":"ready"/.exec((output += chunk)) ?? [];
        if (found !== undefined) resolve(found);
      });
      server.once('exit', () => reject(new Error(output)));
    });
    const code = `import { createClient } from 'rutox/client';
      const client = createClient({ baseUrl: 'http://127.0.0.1:${port}' });
      console.log((await client.classify('Иди нахуй, дебил')).is_toxic);`;
    expect((await node('--input-type=module', '--eval', code)).stdout).toBe('true\n');
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    await page.text();
    server.kill('SIGTERM');
    expect((await once(server, 'exit'))[0]).toBe(0);
  });

  it('is a library', async () => {
    const code = `import { createClassifier } from 'rutox';
      const classifier = await createClassifier();
      console.log((await classifier.classify('Иди нахуй, дебил')).is_toxic);
      await classifier.close();`;
    expect((await node('--input-type=module', '--eval', code)).stdout).toBe('true\n');
  });

  it('lets no other file be imported', async () => {
    const inside = node('--input-type=module', '--eval', "import 'rutox/dist/src/server.js'");
    await expect(inside).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

describe('its types', () => {
  const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: 'es2023' };
  async function check(name: string, code: string, options: object): Promise<void> {
    writeFileSync(join(project, `${name}.ts`), code);
    const config = { compilerOptions: { ...strict, ...options }, files: [`${name}.ts`] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
    await node(tsc, '-p', '.').catch(({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    });
  }

  const inNode = { module: 'nodenext', types: ['node'] };
  it('hold in Node', async () => {
    const code = `import { createClassifier, RutoxError, type Verdict } from 'rutox';
      import { ApiError, createClient } from 'rutox/client';
      await using classifier = await createClassifier({ threads: 2 });
      const texts = ['a', 'b'];
      const all: Verdict[] = [];
      for await (const verdict of classifier.classifyAll(texts, { policy: 'autoban' })) all.push(verdict);
      const client = createClient({ baseUrl: new URL('http://localhost:8000'), retries: 1 });
      for await (const verdict of client.classifyAll(texts, { batchSize: 8 })) all.push(verdict);
      const score: number = (await client.classify('a', { signal: AbortSignal.timeout(9) })).toxic_score;
      export const known = (error: unknown) => error instanceof ApiError || error instanceof RutoxError;
      export { all, score };`;
    await check('in-node', code, inNode);
    const wrong = check('wrong', code.replace("'autoban'", "'ban'"), inNode);
    await expect(wrong).rejects.toThrow(/Type '"ban"' is not assignable/);
  });

  it('hold in browsers, where the client is all that can be used', async () => {
    const code = `import { createClient, type ModelCard } from 'rutox/client';
      const card: ModelCard = await createClient({ baseUrl: location.origin }).model('1.1');
      document.title = card.created;`;
    await check('in-browsers', code, {
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2023', 'dom'],
      types: [],
    });
  });
});
