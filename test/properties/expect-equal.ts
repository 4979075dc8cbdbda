import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

/** Calls Jest's `expect`, which takes ten times as long, only to report a difference. */
export function expectEqual(actual: unknown, expected: unknown, what: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect({ what, actual }).toEqual({ what, actual: expected });
}
