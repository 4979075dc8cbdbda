import { describe, expect, it } from '@jest/globals';
import { expectToReach, LogEndsEarly } from './log-ends-early.js';

const at = (n: number) => ({ commit: BigInt(n), prepare: BigInt(n) });
const slices = (...positions: (number | undefined)[]) =>
  positions.map((n) => ({ position: n === undefined ? undefined : at(n) }));

describe('the end of the log, and the checkpoints', () => {
  it.each([
    ['of a log that goes on', at(9), slices(3, 7)],
    ['of one that has been handled to its end', at(7), slices(3, 7)],
    ['where nothing has been handled', undefined, slices(undefined)],
  ])('go together: %s', (_case, head, checkpoints) => {
    expect(() => expectToReach(head, checkpoints)).not.toThrow();
  });

  it.each([
    ['one slice is further', at(6), slices(undefined, 3, 7)],
    ['the log is empty', undefined, slices(3)],
  ])('do not, where %s', (_case, head, checkpoints) => {
    expect(() => expectToReach(head, checkpoints)).toThrow(LogEndsEarly);
  });
});
