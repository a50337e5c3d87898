import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { startServer, type ReadyServer } from '../contract/server.js';
import { describeInBrowser, enter, openBrowser, openPage, PHONE } from './browser.js';

const KEY = 'key-of-the-playground';

describeInBrowser('the playground', () => {
  let server: ReadyServer;
  /** Asks for a key, takes two texts in a request and one a second, none above 60 characters. */
  let strict: ReadyServer;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rutox-playground-'));
    writeFileSync(join(folder, 'keys'), `moderator:${KEY}\n`);
    [server, strict, browser] = await Promise.all([
      startServer({ RUTOX_MAX_TEXTS: '20' }),
      startServer({
        RUTOX_API_KEYS_FILE: join(folder, 'keys'),
        RUTOX_RATE_LIMIT: '1',
        RUTOX_MAX_TEXTS: '2',
        RUTOX_MAX_TEXT_CHARS: '60',
      }),
      openBrowser(),
    ]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.stop(), strict.stop()]);
    rmSync(folder, { recursive: true });
  });

  async function saved(page: Page): Promise<Record<string, string>[]> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Скачать CSV' }).click(),
    ]);
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    return parse(readFileSync(file), { columns: true, bom: true });
  }

  test('scores pasted lines, in requests that the server takes', async () => {
    const { page, requests, expectNothingBad, close } = await openPage(browser, server.url, PHONE);
    await page.getByRole('tab', { name: 'Список' }).click();
    const lines = Array.from({ length: 50 }, (_, i) =>
      i === 42 ? 'Ты тупой идиот' : `Спасибо, пункт "${i}", да`,
    );
    await page.fill('#lines', `${lines.join('\n')}\n\n`);
    await page.getByRole('button', { name: 'Оценить' }).click();
    await page.getByText('Готово: 50').waitFor();
    expect(requests.filter((request) => request === 'POST /v1/classify/batch').length).toBe(3);
    expect(await page.locator('#rows tr').count()).toBe(50);
    expect(await page.locator('#rows tr').nth(42).innerText()).toMatch(/токсично/);
    const rows = await saved(page);
    expect(rows.map(({ comment }) => comment)).toEqual(lines);
    expect(rows[42]).toMatchObject({ is_toxic: 'true' });
    for (const { toxic_score } of rows) expect(toxic_score).toMatch(/^[01](\.\d{1,6})?$/);
    expectNothingBad();
    await close();
  }, 60_000);

  test('takes a file of a Russian spreadsheet, keeps its columns, and tells what it could not score', async () => {
    const { page, expectNothingBad, close } = await openPage(browser, server.url);
    await page.getByRole('tab', { name: 'Список' }).click();
    const csv = 'Номер;Текст\r\n1;"Ты тупой идиот;\r\nзаткнись"\r\n2;\r\n3;Хорошего дня\r\n';
    const bytes = Buffer.from(Array.from(csv, windows1251));
    await page.setInputFiles('#file', { name: 'письма.csv', mimeType: 'text/csv', buffer: bytes });
    await page.getByText('письма.csv: строк 3').waitFor();
    expect(await page.locator('#column option:checked').innerText()).toBe('Текст');
    await page.getByRole('button', { name: 'Оценить' }).click();
    await page.getByText('Готово: 2').waitFor();
    expect(await page.locator('#batch-said').innerText()).toContain('без оценки: 1');
    expect(await saved(page)).toEqual([
      {
        Номер: '1',
        Текст: 'Ты тупой идиот;\r\nзаткнись',
        toxic_score: expect.stringMatching(/^[01]/),
        is_toxic: 'true',
      },
      { Номер: '2', Текст: '', toxic_score: '', is_toxic: '' },
      { Номер: '3', Текст: 'Хорошего дня', toxic_score: expect.stringMatching(/^0/), is_toxic: 'false' },
    ]);
    expectNothingBad();
    await close();
  }, 60_000);

  test('asks for a key, waits as long as the server says, and stops when it is told to', async () => {
    const { page, expectNothingBad, close } = await openPage(browser, strict.url, undefined, [401, 429]);
    await page.fill('#key', 'a-key-that-nobody-knows');
    await page.getByRole('button', { name: 'Использовать' }).click();
    await page.getByText('Сервер не знает этого ключа').waitFor();
    await page.fill('#key', KEY);
    await page.getByRole('button', { name: 'Использовать' }).click();
    await page.locator('#version').filter({ hasText: /\d/ }).waitFor();
    expect(await page.locator('#key-form').isVisible()).toBe(false);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(KEY);
    await page.reload();
    await enter(page, 'Спасибо');
    await page.getByText('То же через curl').click();
    expect(await page.locator('#curl-text').innerText()).toMatch(/-H "X-API-Key: \$API_KEY"/);
    await page.fill('#comment', 'а'.repeat(61));
    await page.getByText('Текст длиннее 60 знаков').waitFor();

    await page.getByRole('tab', { name: 'Список' }).click();
    await page.fill('#lines', `${'один\n'.repeat(40)}${'б'.repeat(61)}`);
    await page.getByRole('button', { name: 'Оценить' }).click();
    await page.getByText(/сервер просит подождать \d/).waitFor();
    await page.getByText(/^[2-9] из 40/).waitFor();
    await page.getByRole('button', { name: 'Остановить' }).click();
    await page.getByText('Остановлено').waitFor();
    expect(await page.locator('#batch-said').innerText()).toContain('без оценки: 1');
    const rows = await saved(page);
    expect(rows.length).toBe(41);
    expect(rows.filter(({ toxic_score }) => toxic_score !== '').length).toBeLessThan(20);
    expectNothingBad();
    await close();
  }, 60_000);
});

/** Its letters; the rest of what is used here is ASCII. */
function windows1251(letter: string): number {
  const code = letter.charCodeAt(0);
  return code < 0x80 ? code : code - 0x410 + 0xc0;
}
