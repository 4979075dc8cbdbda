import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page, type PageScreenshotOptions } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** The reason why there is no browser, or undefined if there is one. */
export const noBrowser: string | undefined = existsSync(PATH)
  ? undefined
  : `no Chromium at ${PATH}: the tests in a browser are skipped (set CHROMIUM_PATH, or apt-get install chromium)`;

/** Chromium without a sandbox, which it refuses to use as root. It only visits our own pages. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: PATH, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** How often a picture of one page is tried. */
const ATTEMPTS = 3;

/**
 * Takes a picture of the whole page. Tries again if Chromium fails with "Unable to capture screenshot": this happens when its GPU
 * process ends, and Chromium starts another one.
 */
export async function takePicture(
  page: Pick<Page, 'screenshot'>,
  options: Omit<PageScreenshotOptions, 'fullPage'> = {},
): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await page.screenshot({ ...options, fullPage: true });
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('Unable to capture screenshot')) throw error;
    }
  }
}
