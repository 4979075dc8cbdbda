import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds.
 * @param what describes the condition, and may describe the present state
 * @param everyMs pause between two checks
 * @throws when it does not hold within the time, in milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string | (() => string),
  everyMs = 25,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(everyMs);
  }
}
