import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

/** Jest's `expect` takes ten times as long; it is asked only to say what differs. */
export function expectSame(actual: unknown, wanted: unknown, what: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect({ what, actual }).toEqual({ what, actual: wanted });
}
