import { existsSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Where Debian and others put it. */
const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

if (executable === undefined) {
  const missing = 'There is no Chromium in /usr/bin (Debian: apt-get install chromium)';
  if (process.env['CI'] !== undefined) throw new Error(missing);
  console.warn(`${missing}: the tests of the playground are skipped.`);
}

/** `describe`, where there is a browser; in CI there must be one. */
export const describeInBrowser = executable === undefined ? describe.skip : describe;

export function openBrowser(): Promise<Browser> {
  // As root, as in a container, Chromium starts only without its sandbox; it sees this server's page alone.
  return chromium.launch({ executablePath: executable!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export interface OpenPage {
  readonly page: Page;
  /** What the page asked for, as `POST /v1/explain`. */
  readonly requests: string[];
  /** Fails if the page broke its policy, wrote an error to the console, or asked another host. */
  readonly expectNothingBad: () => void;
  readonly close: () => Promise<void>;
}

/** The page of a server, with an eye on what it must not do. `allowed` are statuses that the console may complain of. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = DESKTOP,
  allowed: readonly number[] = [],
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    const { origin, pathname, protocol } = new URL(request.url());
    if (origin !== url && protocol !== 'data:' && protocol !== 'blob:') faults.push(request.url());
    requests.push(`${request.method()} ${pathname}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    const isAllowed = allowed.some((status) => message.text().includes(`status of ${status}`));
    if (['error', 'warning'].includes(message.type()) && !isAllowed) faults.push(message.text());
  });
  await page.goto(`${url}/`);
  await page.locator('#version').filter({ hasText: /\d/ }).or(page.locator('#key')).first().waitFor();
  return {
    page,
    requests,
    expectNothingBad: () => expect(faults).toEqual([]),
    close: () => context.close(),
  };
}

/** Types a comment as a person who pastes it, and waits for its score. */
export async function enter(page: Page, text: string): Promise<void> {
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/v1/explain') && response.ok(),
  );
  await page.fill('#comment', text);
  await answered;
  await page.locator('#timing').filter({ hasText: /\d/ }).waitFor();
  await page.locator('.verdict:not(.busy)').waitFor();
}
