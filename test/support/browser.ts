import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** The reason why there is no browser, or undefined if there is one. */
export const noBrowser: string | undefined = existsSync(PATH)
  ? undefined
  : `no Chromium at ${PATH}: the tests in a browser are skipped (set CHROMIUM_PATH, or apt-get install chromium)`;

/** Chromium without a sandbox, which it refuses to use as root. It only visits our own pages. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: PATH, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
