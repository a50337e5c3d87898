import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';
import { startServer, type ReadyServer } from './contract/server.js';
import { until } from './http/support.js';

const INSULT = 'Ты тупой идиот, заткнись';
const THANKS = 'Спасибо за интересную статью!';

let server: ReadyServer;
let project: string;
beforeAll(async () => {
  server = await startServer();
  // What `npm install` leaves there, without a registry.
  project = mkdtempSync(join(tmpdir(), 'rutox-tutorial-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(packageRoot, join(project, 'node_modules', 'rutox'));
  symlinkSync(join(packageRoot, 'node_modules', 'express'), join(project, 'node_modules', 'express'));
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(project, { recursive: true });
});

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

const page = (language: string) => readFileSync(join(packageRoot, 'docs', `tutorial${language}.md`), 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, content]) => content!);

/** Writes a program of the page into the project and starts it there. */
function start(name: string, env: Record<string, string>): { readonly output: () => string } {
  const program = blocks(page(''), 'js').find((content) => content.startsWith(`// ${name}\n`))!;
  writeFileSync(join(project, name), program);
  const child = spawn(process.execPath, [name], { cwd: project, env: { PATH: process.env['PATH'], ...env } });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  return { output: () => output };
}

test('has a twin in Russian with the same commands and programs', () => {
  const code = (text: string) =>
    ['sh', 'js'].map((language) =>
      blocks(text, language).map((block) =>
        block.replaceAll(/(?:^\s*(?:\/\/|\/\*\*)|  #) .*$/gm, '').replaceAll(/<\w+>/g, ''),
      ),
    );
  const words = (blocks: string[][]) => JSON.stringify(blocks).replaceAll(/>[^<]*</g, '><');
  expect(words(code(page('.ru')))).toBe(words(code(page(''))));
});

describe('its commands', () => {
  const commands = blocks(page(''), 'sh');

  test.each(commands.filter((command) => command.startsWith('curl')))('%s', async (command) => {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      command.replace('http://localhost:8000', server.url),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      toxic_score: expect.any(Number),
      threshold: expect.any(Number),
    });
  });

  test('rutox evaluate', async () => {
    const [command] = commands.filter((each) => each.startsWith('npx rutox evaluate'));
    const [, ...args] = command!.trim().split(' ');
    const report = join(project, 'report.html');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join('dist', 'src', 'main.js'),
        ...args.slice(1).map((each) => (each === 'report.html' ? report : each)),
      ],
      { cwd: packageRoot },
    );
    expect(stdout).toContain('Best thresholds for these texts');
    expect(readFileSync(report, 'utf8')).toContain('<svg');
  });
});

describe('site.mjs', () => {
  async function startSite(moderationUrl: string): Promise<string> {
    const { output } = start('site.mjs', { PORT: '0', MODERATION_URL: moderationUrl });
    await until(() => output().includes('http://'));
    return /http:\S+/.exec(output())![0];
  }
  const send = (url: string, text: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ text }) });

  test('shows what is harmless and holds the rest', async () => {
    const url = await startSite(server.url);
    await send(url, `${THANKS} <b>`);
    const shown = await (await send(url, INSULT)).text();
    expect(shown).toContain(`<p>${THANKS} &#60;b&#62;</p>`);
    expect(shown).not.toContain(INSULT);
    expect(await (await fetch(`${url}held`)).json()).toEqual([INSULT]);
  });

  test('loses nothing when rutox is down', async () => {
    const url = await startSite('http://127.0.0.1:9');
    expect((await send(url, THANKS)).status).toBe(200);
    expect(await (await fetch(`${url}held`)).json()).toEqual([THANKS]);
  });
});

describe('bot.mjs', () => {
  /** The two methods of Telegram's Bot API that the bot calls; the real one cannot be reached from a test. */
  let telegram: Server | undefined;
  afterEach(() => {
    telegram?.closeAllConnections();
    telegram?.close();
  });

  test('deletes what is toxic beyond doubt, and nothing else', async () => {
    const texts = [THANKS, INSULT, undefined, 'Завтра обещают дождь', 'Сдохни, мразь'];
    const updates = texts.map((text, n) => ({
      update_id: 100 + n,
      message: { message_id: n, chat: { id: -7 }, ...(text !== undefined && { text }) },
    }));
    const deleted: unknown[] = [];
    const offsets: number[] = [];
    telegram = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const parameters = JSON.parse(String(Buffer.concat(chunks))) as { offset: number };
        const answer = (body: object) => response.end(JSON.stringify(body));
        if (request.url === '/bot123:abc/getUpdates') {
          offsets.push(parameters.offset);
          // The first call of all fails, as a call over the internet may.
          if (offsets.length === 1) return answer({ ok: false, description: 'Bad Gateway' });
          const result = updates.filter(({ update_id: id }) => id >= parameters.offset);
          return void setTimeout(() => answer({ ok: true, result }), result.length === 0 ? 50 : 0);
        }
        deleted.push([request.url, parameters]);
        return answer({ ok: true, result: true });
      });
    });
    await new Promise<void>((resolve) => telegram!.listen(0, '127.0.0.1', resolve));
    const { port } = telegram.address() as AddressInfo;
    start('bot.mjs', {
      MODERATION_URL: server.url,
      TELEGRAM_URL: `http://127.0.0.1:${port}`,
      BOT_TOKEN: '123:abc',
    });
    await until(() => offsets.includes(105));
    const message = (message_id: number) => ['/bot123:abc/deleteMessage', { chat_id: -7, message_id }];
    expect(deleted).toEqual([message(1), message(4)]);
  });
});
