import { beforeEach, describe, expect, it } from '@jest/globals';
import { message } from '../../../../test/support/command-messages.js';
import { messageKey, DeadLetterDeduplicator } from './dead-letter-deduplicator.js';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-01-05T12:00:00Z');

const invalid = (timestamp: number) => ({ message: { ...message({}, 'not JSON'), timestamp } });

describe('DeadLetterDeduplicator', () => {
  let asked: (number | undefined)[];
  let places: string[];
  let fail: boolean;
  let published: DeadLetterDeduplicator;

  beforeEach(() => {
    asked = [];
    places = [];
    fail = false;
    const read = async (since: number | undefined) => {
      asked.push(since);
      if (fail) throw new Error('no broker');
      return new Set(places);
    };
    published = new DeadLetterDeduplicator(read, () => NOW);
  });

  it('reads dead letters at the first invalid message, from two hours before its timestamp', async () => {
    expect(await published.filterUnpublished([])).toEqual([]);
    expect(asked).toEqual([]);
    const [a, b] = [invalid(NOW), invalid(NOW - HOUR)];
    places.push(messageKey(a.message));
    expect(await published.filterUnpublished([a, b])).toEqual([b]);
    expect(asked).toEqual([NOW - 3 * HOUR]);
  });

  it('does not read again for later messages, nor for those within the hours already read', async () => {
    await published.filterUnpublished([invalid(NOW - 2 * HOUR)]);
    await published.filterUnpublished([invalid(NOW)]);
    await published.filterUnpublished([invalid(NOW - 3 * HOUR)]);
    expect(asked).toHaveLength(1);
  });

  it('reads again for a message that is older than the hours already read', async () => {
    await published.filterUnpublished([invalid(NOW)]);
    const old = invalid(NOW - 10 * HOUR);
    places.push(messageKey(old.message));
    expect(await published.filterUnpublished([old])).toEqual([]);
    expect(asked).toEqual([NOW - 2 * HOUR, NOW - 12 * HOUR]);
  });

  it.each([NOW + 1, 0, -1])('reads from the beginning for a message with the timestamp %d', async (time) => {
    await published.filterUnpublished([invalid(time)]);
    await published.filterUnpublished([invalid(0)]);
    expect(asked).toEqual([undefined]);
  });

  it('reads again after it was invalidated, because another process may have published', async () => {
    const one = invalid(NOW);
    expect(await published.filterUnpublished([one])).toEqual([one]);
    places.push(messageKey(one.message));
    published.invalidate();
    expect(await published.filterUnpublished([one])).toEqual([]);
  });

  it('throws when the dead letters cannot be read, and reads again at the next call', async () => {
    fail = true;
    await expect(published.filterUnpublished([invalid(NOW)])).rejects.toThrow('no broker');
    fail = false;
    expect(await published.filterUnpublished([invalid(NOW)])).toHaveLength(1);
  });
});
