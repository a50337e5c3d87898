import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import type { Manifest } from '../../src/model/manifest.js';
import { copyOfModel, realModelDir } from '../fixtures/model-dir.js';
import { startServer, type ReadyServer } from '../contract/server.js';
import { describeInBrowser, DESKTOP, enter, openBrowser, openPage, PHONE } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const manifest = JSON.parse(readFileSync(join(realModelDir, 'manifest.json'), 'utf8')) as Manifest;
const INSULT = 'Ну ты д.е.б.и.л, честное слово';
const FRIENDLY = 'Спасибо за интересную статью!';

describeInBrowser('the playground', () => {
  let server: ReadyServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), openBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const text = (page: Page, selector: string) => page.locator(selector).innerText();

  test.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ])(
    'scores what is typed, for each policy, and marks the words that count: %s',
    async (_name, options) => {
      const { page, expectNothingBad, close } = await openPage(browser, server.url, options);
      await enter(page, INSULT);
      expect(await text(page, '#said')).toContain('токсично при пороге');
      expect(await page.locator('.verdict.toxic').count()).toBe(1);
      expect(await page.locator('#policies li').count()).toBe(3);
      expect(await page.locator('#policies .badge.toxic').count()).toBeGreaterThan(0);
      expect(await text(page, '#why')).toBe(INSULT);
      const marks = (await page.evaluate(
        `[...document.querySelectorAll('#why mark')].map((mark) => [mark.textContent, getComputedStyle(mark).backgroundColor])`,
      )) as [string, string][];
      const heaviest = marks.toSorted(([, a], [, b]) => opacity(b) - opacity(a))[0]!;
      expect(heaviest[0]).toBe('д.е.б.и.л');
      expect(opacity(heaviest[1])).toBeGreaterThan(0.2);

      await enter(page, FRIENDLY);
      expect(await text(page, '#said')).toMatch(/^не токсично/);
      expect(await page.locator('.verdict.toxic').count()).toBe(0);
      await page.fill('#comment', ' ');
      await page.locator('#score').filter({ hasText: '–' }).waitFor();
      // Nothing is wider than the screen.
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expectNothingBad();
      await close();
    },
    60_000,
  );

  test('asks once typing pauses, and forgets what is outdated', async () => {
    const { page, requests, expectNothingBad, close } = await openPage(browser, server.url);
    const asked = () => requests.filter((request) => request === 'POST /v1/explain').length;
    await page.locator('#comment').pressSequentially('Спасибо вам', { delay: 10 });
    await page.locator('#timing').filter({ hasText: /\d/ }).waitFor();
    expect(asked()).toBe(1);

    let held = 0;
    await page.route('**/v1/explain', async (route) => {
      if (held++ === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      await route.continue().catch(() => undefined);
    });
    const dropped = page.waitForEvent('requestfailed');
    await page.fill('#comment', INSULT);
    await expectEventually(() => held === 1);
    await page.fill('#comment', FRIENDLY);
    expect((await dropped).failure()?.errorText).toBe('net::ERR_ABORTED');
    await page.locator('#why').filter({ hasText: FRIENDLY }).waitFor();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await text(page, '#why')).toBe(FRIENDLY);
    expectNothingBad();
    await close();
  }, 60_000);

  test('gives the verdict by another threshold without asking again', async () => {
    const { page, requests, close } = await openPage(browser, server.url);
    await enter(page, INSULT);
    const before = requests.length;
    const shown = (value: number) => value.toFixed(2).replace('.', ',');
    expect(await text(page, '#threshold-value')).toBe(shown(manifest.policies.balanced.threshold));
    await page.locator('#threshold').focus();
    await page.keyboard.press('End');
    expect(await text(page, '#said')).toBe('не токсично при пороге 1,00');
    await page.keyboard.press('Home');
    expect(await text(page, '#said')).toBe('токсично при пороге 0,00');
    await page.getByRole('button', { name: 'Автобан' }).click();
    expect(await text(page, '#threshold-value')).toBe(shown(manifest.policies.autoban.threshold));
    expect(requests.length).toBe(before);
    await close();
  }, 60_000);

  test('the curl command answers what the page shows', async () => {
    const { page, close } = await openPage(browser, server.url);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await enter(page, `${INSULT}, и 'вот' "так" $HOME`);
    await page.getByText('То же через curl').click();
    await page.getByRole('button', { name: 'Скопировать' }).click();
    await page.getByText('Скопировано').waitFor();
    const command = (await page.evaluate('navigator.clipboard.readText()')) as string;
    const answer = JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' })) as {
      spans: { begin: number; end: number }[];
      is_toxic: boolean;
    };
    expect(answer.is_toxic).toBe(true);
    const { begin, end } = answer.spans[0]!;
    expect(INSULT.slice(begin, end)).toBe('д.е.б.и.л');
    await close();
  }, 60_000);

  test('draws the curve of a model that has one, and without it the policies', async () => {
    const without = await openPage(browser, server.url);
    const curve = [0, 0.25, 0.5, 0.75, 1].map((threshold) => ({
      threshold,
      precision: 0.5 + threshold / 2,
      recall: 1 - threshold / 2,
    }));
    const changed = { ...manifest, curve };
    const modelDir = copyOfModel({ 'manifest.json': JSON.stringify(changed) });
    const curved = await startServer({ RUTOX_MODEL_DIR: modelDir });
    const { page, close, expectNothingBad } = await openPage(browser, curved.url);
    expect(await page.locator('#curve path').count()).toBe(2);
    await page.getByRole('button', { name: 'Премодерация' }).click();
    await page.locator('#threshold').focus();
    await page.keyboard.press('End');
    expect(await text(page, '#threshold-note')).toMatch(/токсичны 100\s%, из токсичного отмечены 50\s%/);
    expect(await page.locator('#curve').getAttribute('aria-label')).toContain('При пороге 1,00');
    expectNothingBad();
    await close();
    await curved.stop();

    if (manifest.curve === undefined) {
      expect(await without.page.locator('#curve path').count()).toBe(0);
      expect(await without.page.locator('#curve').getAttribute('aria-label')).toContain('Автобан');
    } else expect(await without.page.locator('#curve path').count()).toBe(2);
    await without.close();
  }, 60_000);

  test('speaks English when it is told to, and remembers', async () => {
    const { page, expectNothingBad, close } = await openPage(browser, server.url);
    expect(await page.getAttribute('html', 'lang')).toBe('ru');
    await enter(page, FRIENDLY);
    await page.getByRole('button', { name: 'EN', exact: true }).click();
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await text(page, '#said')).toMatch(/^not toxic at threshold 0\.\d\d$/);
    expect(await page.locator('body').innerText()).not.toMatch(/вердикт|порог/i);
    await page.reload();
    await page.getByRole('tab', { name: 'Comment' }).waitFor();
    await page.getByRole('button', { name: 'RU', exact: true }).click();
    await page.getByRole('tab', { name: 'Комментарий' }).waitFor();
    expectNothingBad();
    await close();
  }, 60_000);

  test('its tabs work with the keyboard', async () => {
    const { page, expectNothingBad, close } = await openPage(browser, server.url);
    const tab = (name: string) => page.getByRole('tab', { name });
    const isOpen = async (name: string, panel: string) => {
      expect(await tab(name).getAttribute('aria-selected')).toBe('true');
      expect(await page.locator('[role=tabpanel]:visible').getAttribute('id')).toBe(panel);
      expect(await page.evaluate('document.activeElement.textContent')).toBe(name);
    };
    await tab('Комментарий').focus();
    await page.keyboard.press('ArrowRight');
    await isOpen('Список', 'panel-batch');
    await page.keyboard.press('End');
    await isOpen('Модель', 'panel-model');
    await page.keyboard.press('ArrowRight');
    await isOpen('Комментарий', 'panel-comment');
    await page.keyboard.press('ArrowLeft');
    await isOpen('Модель', 'panel-model');
    await page.keyboard.press('Home');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('comment');
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    // Where it was, after a reload.
    await tab('Список').click();
    await page.reload();
    expect(await page.locator('[role=tabpanel]:visible').getAttribute('id')).toBe('panel-batch');
    expectNothingBad();
    await close();
  }, 60_000);

  test('shows the card of the model with its plots', async () => {
    const { page, requests, expectNothingBad, close } = await openPage(browser, server.url);
    await page.getByRole('tab', { name: 'Модель' }).click();
    const card = await text(page, '#card');
    expect(card).toContain(manifest.version);
    expect(card).toContain(manifest.dataset.name);
    expect(card).toContain(manifest.metrics.int8['macro_f1']!.toFixed(4).replace('.', ','));
    for (const image of await page.locator('#card img').all()) {
      await image.scrollIntoViewIfNeeded();
      expect(await image.getAttribute('alt')).toMatch(/[а-я]/);
    }
    await expectEventually(() =>
      page.evaluate(`[...document.querySelectorAll('#card img')].every((image) => image.naturalWidth > 0)`),
    );
    const plots = readdirSync(join(realModelDir, 'plots')).map((name) => `GET /playground/plots/${name}`);
    expect(requests.filter((request) => request.includes('/plots/')).toSorted()).toEqual(plots.toSorted());
    expectNothingBad();
    await close();
  }, 60_000);

  test.each([
    ['light', DESKTOP],
    ['dark', PHONE],
  ] as const)(
    'is accessible and in the colours that the reader prefers: %s',
    async (colorScheme, options) => {
      const { page, close } = await openPage(browser, server.url, { ...options, colorScheme });
      const ground = String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      const [brightness] = /\d+/.exec(ground)!;
      expect(Number(brightness) > 128).toBe(colorScheme === 'light');
      // The page's policy forbids other scripts; the inspector is let in by the browser's own protocol.
      await page.evaluate(AXE);
      const inspect = async () => {
        const { violations } = (await page.evaluate('axe.run()')) as {
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
        };
        return violations.map(({ id, impact, nodes }) => [
          id,
          impact,
          nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
        ]);
      };
      await enter(page, INSULT);
      await page.getByText('То же через curl').click();
      expect(await inspect()).toEqual([]);
      await page.getByRole('tab', { name: 'Список' }).click();
      await page.fill('#lines', `${INSULT}\n${FRIENDLY}`);
      await page.getByRole('button', { name: 'Оценить' }).click();
      await page.getByText('Готово').waitFor();
      expect(await inspect()).toEqual([]);
      await page.getByRole('tab', { name: 'Модель' }).click();
      expect(await inspect()).toEqual([]);
      await close();
    },
    60_000,
  );
});

/** Of `rgba(1, 2, 3, 0.4)` or `rgb(1 2 3 / 0.4)`. */
function opacity(colour: string): number {
  return Number(/([\d.]+)\)$/.exec(colour)?.[1]);
}

async function expectEventually(check: () => unknown): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await check()) === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited 10 s in vain');
}
