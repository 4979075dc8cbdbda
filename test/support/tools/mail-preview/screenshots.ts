import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { takePicture } from '../../browser.js';
import { VIEWS, type View } from './views.js';

/** A page for which to take pictures, named `<name>.<view>.png`. */
export interface Subject {
  readonly name: string;
  readonly html: string;
}

export const pictureOf = (name: string, view: View): string => `${name}.${view.name}.png`;

/** @throws when the page is wider than its screen, or loads anything from a network */
export async function takeScreenshots(
  directory: string,
  browserPath: string,
  subjects: readonly Subject[],
): Promise<void> {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  try {
    for (const view of VIEWS) await takeView(browser, view, directory, subjects);
  } finally {
    await browser.close();
  }
}

async function takeView(
  browser: Browser,
  view: View,
  directory: string,
  subjects: readonly Subject[],
): Promise<void> {
  const { width, dark, strip = (html: string) => html } = view;
  const page = await browser.newPage({
    viewport: { width, height: 400 },
    colorScheme: dark ? 'dark' : 'light',
    offline: true,
  });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const { name, html } of subjects) {
    await page.setContent(strip(html));
    const shown = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(shown) > width)
      throw new Error(`${name} is ${String(shown)} px wide on a screen of ${width} px`);
    if (asked.length > 0) throw new Error(`${name} asks for ${asked.join(', ')}`);
    const path = join(directory, pictureOf(name, view));
    await takePicture(page, { path });
  }
  await page.close();
}
