import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { KINDS, LANGUAGES, SAMPLES } from '../../../../test/support/tools/mail-preview/samples.js';
import { renderEmail, type Email } from './render-email.js';

/** With UPDATE_GOLDENS=1 the files are written anew; what changed is then read in the diff. */
function golden(name: string, email: Email): string {
  const file = fileURLToPath(new URL(`../../goldens/${name}.golden`, import.meta.url));
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, shown(email));
  return readFileSync(file, 'utf8');
}

const shown = ({ subject, text, html }: Email): string =>
  `Subject: ${subject}\n\n${text}\n${html.replaceAll('><', '>\n<')}\n`;

describe.each(LANGUAGES)('renderEmail in %s (D14)', (language) => {
  it.each(KINDS)('renders %s as in its golden file', (kind) => {
    const email = renderEmail(kind, SAMPLES[kind][language], language);
    expect(shown(email)).toBe(golden(`${kind}.${language}`, email));
  });
});
