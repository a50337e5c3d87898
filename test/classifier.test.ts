import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClassifier, type Classifier } from '../src/classifier.js';
import { packageRoot } from '../src/package-root.js';
import { startServer } from './contract/server.js';
import { copyOfModel, realModelDir } from './fixtures/model-dir.js';

const TOXIC = 'Иди нахуй, дебил';
const HARMLESS = 'Завтра обещают дождь';

let classifier: Classifier;
beforeAll(async () => {
  classifier = await createClassifier({ threads: 2, modelDir: realModelDir });
}, 60_000);
afterAll(() => classifier.close());

describe('createClassifier', () => {
  it('answers as the server does', async () => {
    const server = await startServer();
    const ask = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return response.json();
    };
    for (const text of [TOXIC, HARMLESS, 'д.е.б.и.л \uD83D', '😀']) {
      expect(await classifier.classify(text)).toEqual(await ask('/v1/classify', { text }));
      const policy = 'premoderate';
      expect(await classifier.explain(text, { policy })).toEqual(await ask('/v1/explain', { text, policy }));
    }
    await server.stop();
  });

  it('decides by threshold and policy', async () => {
    expect(await classifier.classify(TOXIC, { threshold: 1 })).toMatchObject({
      is_toxic: false,
      threshold: 1,
    });
    const { threshold: autoban } = await classifier.classify(TOXIC, { policy: 'autoban' });
    const { threshold: premoderate } = await classifier.classify(TOXIC, { policy: 'premoderate' });
    expect(autoban).toBeGreaterThan(premoderate);
  });

  it('has a verdict for each of many texts, in order', async () => {
    async function* comments() {
      for (let i = 0; i < 1000; i++) yield i % 7 === 0 ? TOXIC : `${HARMLESS}, ${i}`;
    }
    const toxic: boolean[] = [];
    for await (const verdict of classifier.classifyAll(comments())) toxic.push(verdict.is_toxic);
    expect(toxic).toEqual(Array.from({ length: 1000 }, (_, i) => i % 7 === 0));
  });

  it('gives up when the signal fires, with its reason', async () => {
    const controller = new AbortController();
    const long = `${HARMLESS} `.repeat(20_000);
    const answers = Array.from({ length: 20 }, () =>
      classifier.classify(long, { signal: controller.signal }),
    );
    const all = Promise.allSettled(answers);
    controller.abort(new Error('enough'));
    for (const result of await all) {
      expect(result).toEqual({ status: 'rejected', reason: expect.objectContaining({ message: 'enough' }) });
    }
    await expect(classifier.explain(TOXIC, { signal: controller.signal })).rejects.toThrow('enough');
    expect(await classifier.classify(TOXIC)).toMatchObject({ is_toxic: true });
  });

  it('says what is wrong with arguments', async () => {
    await expect(classifier.classify(null as unknown as string)).rejects.toThrow('A text must be a string.');
    await expect(classifier.classify(TOXIC, { threshold: 2 })).rejects.toThrow('threshold must be');
    const policy = 'toString' as 'autoban';
    await expect(classifier.explain(TOXIC, { policy })).rejects.toThrow('policy must be one of premoderate,');
    await expect(createClassifier({ threads: 0 })).rejects.toThrow('threads must be');
    await expect(createClassifier({ modelDir: copyOfModel({ 'vocab.json': '{}' }) })).rejects.toThrow(
      /vocab\.json: 2 bytes, but the manifest says/,
    );
  });

  it('refuses what its queue has no room for, and classifyAll fits in whatever room', async () => {
    await using small = await createClassifier({ maxQueue: 2 });
    const answers = await Promise.allSettled(Array.from({ length: 9 }, () => small.classify(HARMLESS)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(answers.at(-1)).toMatchObject({ reason: { name: 'RutoxError', kind: 'overloaded' } });
    let count = 0;
    for await (const _ of small.classifyAll(Array.from({ length: 9 }, () => HARMLESS))) count++;
    expect(count).toBe(9);
    expect(await small.explain(TOXIC)).toMatchObject({ is_toxic: true });
  });

  it('answers what is under way before it closes, and nothing after', async () => {
    const closing = await createClassifier();
    const answers = Array.from({ length: 200 }, () => closing.classify(TOXIC));
    await Promise.all([closing.close(), closing.close()]);
    for (const answer of await Promise.all(answers)) expect(answer.is_toxic).toBe(true);
    await expect(closing.classify(TOXIC)).rejects.toThrow('The classifier is closed.');
  });
});

describe('a process that uses it', () => {
  const library = pathToFileURL(join(packageRoot, 'dist', 'src', 'index.js')).href;
  const home = mkdtempSync(join(tmpdir(), 'rutox-home-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const run = (code: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
      env: { PATH: process.env['PATH'], HOME: home },
      timeout: 30_000,
    });
  // ONNX Runtime keeps what it is about to send in a database below the home folder.
  afterEach(() => expect(readdirSync(home)).toEqual([]));

  it('ends by itself after close, with the telemetry off', async () => {
    const code = `import { createClassifier } from '${library}';
      const classifier = await createClassifier();
      const { is_toxic } = await classifier.classify('${TOXIC}');
      await classifier.close();
      console.log(is_toxic, process.env.ORT_DISABLE_TELEMETRY);`;
    expect((await run(code)).stdout).toBe('true 1\n');
  });

  it('may hold it in a worker thread only where the telemetry is off before', async () => {
    const code = `import { Worker } from 'node:worker_threads';
      const work = "import('${library}').then(({ createClassifier }) => createClassifier()).then((c) => c.close())";
      const end = () => new Promise((resolve) => {
        new Worker(work, { eval: true }).on('error', (error) => resolve(error.message)).on('exit', resolve);
      });
      console.log(await end());
      process.env.ORT_DISABLE_TELEMETRY = '1';
      console.log(await end());`;
    const { stdout } = await run(code);
    expect(stdout).toMatch(/^in a worker thread .* ORT_DISABLE_TELEMETRY=1 .*\n0\n$/);
  });
});
