import { existsSync } from 'node:fs';

/** Where a Chromium is looked for: where CHROMIUM_PATH says, else where Debian puts it. */
export const BROWSER_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** The path of a Chromium, if there is one on this machine. */
export const findBrowser = (): string | undefined => (existsSync(BROWSER_PATH) ? BROWSER_PATH : undefined);
