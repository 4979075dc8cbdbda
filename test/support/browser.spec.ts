import { describe, expect, it } from '@jest/globals';
import { takePicture } from './browser.js';

/** A page that fails with each of the errors, and then gives a picture. */
function pageThatFails(...errors: readonly string[]) {
  const left = [...errors];
  return {
    screenshot: () => {
      const error = left.shift();
      return error === undefined ? Promise.resolve(Buffer.from('picture')) : Promise.reject(new Error(error));
    },
  };
}

const RESTARTS = 'page.screenshot: Protocol error (Page.captureScreenshot): Unable to capture screenshot';

describe('takePicture', () => {
  it('tries again after Chromium could not take a picture', async () => {
    expect(String(await takePicture(pageThatFails(RESTARTS, RESTARTS)))).toBe('picture');
  });

  it('gives up in the end', async () => {
    await expect(takePicture(pageThatFails(RESTARTS, RESTARTS, RESTARTS))).rejects.toThrow(RESTARTS);
  });

  it('hides no other error', async () => {
    await expect(takePicture(pageThatFails('Target page has been closed'))).rejects.toThrow('closed');
  });
});
