import { describe, expect, it } from '@jest/globals';
import type { LogPosition } from '#libs/event-store/read-only';
import {
  assertLogContains,
  assertLogReaches,
  CheckpointAheadOfLogError,
  CheckpointEventMissingError,
} from './event-log.js';

const at = (n: number): LogPosition => ({ commit: BigInt(n), prepare: BigInt(n) });

describe('assertLogReaches', () => {
  const slices = (...positions: (number | undefined)[]) =>
    positions.map((n) => ({ position: n === undefined ? undefined : at(n) }));

  it.each([
    ['a log with events after the checkpoints', at(9), slices(3, 7)],
    ['a log that was handled to its end', at(7), slices(3, 7)],
    ['an empty log without checkpoints', undefined, slices(undefined)],
  ])('accepts %s', (_title, head, checkpoints) => {
    expect(() => assertLogReaches(head, checkpoints)).not.toThrow();
  });

  it.each([
    ['a log that ends before the checkpoint of one slice', at(6), slices(undefined, 3, 7)],
    ['an empty log and a checkpoint', undefined, slices(3)],
  ])('rejects %s', (_title, head, checkpoints) => {
    expect(() => assertLogReaches(head, checkpoints)).toThrow(CheckpointAheadOfLogError);
  });
});

describe('assertLogContains', () => {
  /** A log with one event at each of these positions. */
  const log = (ids: Record<number, string>) => {
    const reads: bigint[] = [];
    const find = (position: LogPosition) => {
      reads.push(position.commit);
      return Promise.resolve(ids[Number(position.commit)]);
    };
    return { find, reads };
  };

  it('accepts a log with the event of each checkpoint, and reads each event once', async () => {
    const { find, reads } = log({ 3: 'c', 5: 'e' });
    const checkpoints = [
      { position: at(3), eventId: 'c' },
      { position: at(5), eventId: 'e' },
      { position: at(5), eventId: 'e' },
    ];
    await assertLogContains(checkpoints, find);
    expect(reads).toEqual([3n, 5n]);
  });

  it('rejects a log with another event at a checkpoint', async () => {
    const { find } = log({ 3: 'c', 5: 'x' });
    const checkpoints = [
      { position: at(3), eventId: 'c' },
      { position: at(5), eventId: 'e' },
    ];
    await expect(assertLogContains(checkpoints, find)).rejects.toThrow(CheckpointEventMissingError);
  });

  it('rejects a log without an event at a checkpoint', async () => {
    await expect(assertLogContains([{ position: at(5), eventId: 'e' }], log({}).find)).rejects.toThrow(
      'the log does not have the event e of the checkpoint at position 5',
    );
  });

  it('accepts checkpoints without an event', async () => {
    const { find, reads } = log({});
    await assertLogContains([{ position: undefined }, { position: at(9), eventId: undefined }], find);
    expect(reads).toEqual([]);
  });
});
