import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What makes the pages better where there is JavaScript. A file of its own: the policy allows no other script. */
export const SCRIPT = readFileSync(new URL('../browser/pages.js', import.meta.url), 'utf8');

/** Its name changes with it, so that browsers may keep it for ever. */
export const SCRIPT_PATH = `/pages/${createHash('sha256').update(SCRIPT).digest('hex').slice(0, 16)}.js`;
