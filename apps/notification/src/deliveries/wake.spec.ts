import { describe, expect, it } from '@jest/globals';
import { Wake } from './wake.js';

const LONG = 60_000;

describe('a sleep that can be ended', () => {
  it('ends when it is woken', async () => {
    const wake = new Wake();
    const sleep = wake.sleep(LONG);
    wake.now();
    await expect(sleep).resolves.toBeUndefined();
  });

  it('does not begin when the wake-up came before it, and begins the next time', async () => {
    const wake = new Wake();
    wake.now();
    await wake.sleep(LONG);
    let over = false;
    const second = wake.sleep(LONG).then(() => (over = true));
    await Promise.resolve();
    expect(over).toBe(false);
    wake.now();
    await second;
  });

  it('ends by itself', async () => {
    await expect(new Wake().sleep(1)).resolves.toBeUndefined();
  });
});
