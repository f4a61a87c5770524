// Debian's Chromium, driven by playwright-core.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const screenshots = join(root, 'target', 'screenshots');

// Chromium's own background traffic is off: it would only be refused where there is no internet.
// Root (a container, CI) has no user namespace to sandbox in.
const flags = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];

// A browser of one person, which ends with the test `t`. `options`: of its context, for example
// `ignoreHTTPSErrors` where the certificate is the test's own.
export async function launch(t, options = {}) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  return { context, page: await context.newPage() };
}

// Keeps a picture of the page for people to look at, in target/screenshots.
export async function screenshot(page, name) {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
