import { rmSync } from 'node:fs';
import { writeDocument } from '../../docs/generated.js';
import { noBrowser } from '../../support/browser.js';
import type { Lang } from './members-browser.js';
import { MembersHarness } from './members-harness.js';
import { SCREENSHOTS, takeScreenshot } from './screenshots.js';
import { playStory } from './story.js';

if (noBrowser !== undefined) throw new Error(noBrowser);

const members = await MembersHarness.start();
try {
  rmSync(SCREENSHOTS, { recursive: true });
  const languages: [Lang, boolean][] = [
    ['en', true],
    ['ar', false],
  ];
  for (const [lang, javaScript] of languages)
    await playStory(members, lang, javaScript, async (page, name) =>
      writeDocument(`docs/screenshots/${name}-${lang}.png`, await takeScreenshot(page, lang)),
    );
} finally {
  await members.stop();
}
