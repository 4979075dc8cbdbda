import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderEmail } from '#libs/mail';
import { indexPage, type Preview } from './index-page.js';
import { KINDS, LANGUAGES, SAMPLES } from './samples.js';
import { takeScreenshots } from './screenshots.js';

/** Writes `<kind>.<language>.html`, `.txt` and, with a browser, `.<view>.png` of each, and `index.html` with all of them. */
export async function writePreview(directory: string, browserPath: string | undefined): Promise<void> {
  const previews: Preview[] = KINDS.flatMap((kind) =>
    LANGUAGES.map((language) => ({
      name: `${kind}.${language}`,
      language,
      ...renderEmail(kind, SAMPLES[kind][language], language),
    })),
  );
  await mkdir(directory, { recursive: true });
  for (const { name, subject, html, text } of previews) {
    await writeFile(join(directory, `${name}.html`), html);
    await writeFile(join(directory, `${name}.txt`), `Subject: ${subject}\n\n${text}`);
  }
  if (browserPath !== undefined) await takeScreenshots(directory, browserPath, previews);
  await writeFile(join(directory, 'index.html'), indexPage(previews, browserPath !== undefined));
}
