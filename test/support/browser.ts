import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Why there is no browser here; undefined where there is one. */
export const noBrowser: string | undefined = existsSync(PATH)
  ? undefined
  : `no Chromium at ${PATH}: the tests in a browser are skipped (set CHROMIUM_PATH, or apt-get install chromium)`;

/** Chromium without a sandbox of its own: it refuses to have one as root, and it only sees our own pages. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: PATH, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
