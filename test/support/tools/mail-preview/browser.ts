import { existsSync } from 'node:fs';

/** The paths of Chromium: CHROMIUM_PATH, or that of Debian. */
export const BROWSER_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Returns the path of Chromium, if it is installed. */
export const findBrowser = (): string | undefined => (existsSync(BROWSER_PATH) ? BROWSER_PATH : undefined);
