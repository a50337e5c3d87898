/** npm run screenshots: pictures of the playground for the documents, of the built server. Needs Chromium (Debian: apt-get install chromium). */
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

const COMMENT = 'Ну ты д.е.б.и.л, честное слово! Даже не читай дальше, тупой баран, всё равно не поймёшь.';
const LINES = [
  'Спасибо за интересную статью!',
  'Ты тупой идиот, заткнись',
  'Завтра обещают дождь, возьмите зонт',
  'Пошёл вон отсюда, урод',
  'А можно рецепт целиком? Очень вкусно выглядит',
];
const desktop = { viewport: { width: 1200, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true };

const server = spawn(process.execPath, ['dist/src/main.js', 'serve'], {
  env: { ...process.env, HOST: '127.0.0.1', PORT: '0', RUTOX_PROCESSES: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = `http://127.0.0.1:${await portOf(server)}/`;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  await picture(browser, url, desktop, 'playground', comment, true);
  await picture(browser, url, phone, 'playground-phone', comment);
  await picture(browser, url, desktop, 'playground-batch', batch, true);
  await browser.close();
} finally {
  server.kill();
}

async function picture(browser, url, options, name, prepare, fullPage = false) {
  const page = await browser.newPage({ locale: 'ru', reducedMotion: 'reduce', ...options });
  await page.goto(url);
  await prepare(page);
  await page.screenshot({ path: `docs/images/${name}.png`, fullPage });
  await page.close();
}

async function comment(page) {
  await page.fill('#comment', COMMENT);
  await page.locator('#why mark').first().waitFor();
  // Without the ring of the field that has the focus.
  await page.evaluate('document.activeElement.blur()');
}

async function batch(page) {
  await page.click('#tab-batch');
  await page.fill('#lines', LINES.join('\n'));
  await page.click('#batch-start');
  await page.getByText('Готово').waitFor();
  await page.evaluate('document.activeElement.blur()');
}

async function portOf({ stdout }) {
  let log = '';
  for await (const chunk of stdout) {
    log += chunk;
    const port = /"port":(\d+).*"msg":"ready"/.exec(log)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error('the server ended before it was ready');
}
