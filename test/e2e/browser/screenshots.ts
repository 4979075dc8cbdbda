import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { takePicture } from '../../support/browser.js';
import { wordsOf, type Lang } from './members-browser.js';

export const SCREENSHOTS = resolve(import.meta.dirname, '../../../docs/screenshots');

const MAX_BYTES = 100_000;
/** The day that every picture shows, so that it does not change from day to day. */
const SHOWN_DAY = new Date('2026-01-05T09:00:00Z');

/** Takes a picture of the whole page, as docs/screenshots has it. */
export async function takeScreenshot(page: Page, lang: Lang): Promise<Buffer> {
  const day = JSON.stringify(wordsOf(lang).date(SHOWN_DAY));
  await page.evaluate(`document.querySelectorAll('time').forEach((time) => { time.textContent = ${day}; })`);
  const picture = await takePicture(page, { animations: 'disabled' });
  assert.ok(picture.length < MAX_BYTES, `a picture of ${picture.length} bytes is too large for a document`);
  return picture;
}

/** Returns the width of a PNG in pixels, which is at the start of its first chunk. */
export const widthOf = (png: Buffer): number => png.readUInt32BE(16);
