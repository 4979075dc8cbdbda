import { beforeEach, describe, expect, it } from '@jest/globals';
import { message } from '../../../../test/support/command-messages.js';
import { placeOf, PublishedDeadLetters } from './published-dead-letters.js';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-01-05T12:00:00Z');

const poison = (timestamp: number) => ({ message: { ...message({}, 'poison'), timestamp } });

describe('dead letters that are there', () => {
  let asked: (number | undefined)[];
  let places: string[];
  let fail: boolean;
  let published: PublishedDeadLetters;

  beforeEach(() => {
    asked = [];
    places = [];
    fail = false;
    const read = async (since: number | undefined) => {
      asked.push(since);
      if (fail) throw new Error('no broker');
      return new Set(places);
    };
    published = new PublishedDeadLetters(read, () => NOW);
  });

  it('are looked for when the first poison comes, from well before it on', async () => {
    expect(await published.missing([])).toEqual([]);
    expect(asked).toEqual([]);
    const [a, b] = [poison(NOW), poison(NOW - HOUR)];
    places.push(placeOf(a.message));
    expect(await published.missing([a, b])).toEqual([b]);
    expect(asked).toEqual([NOW - 3 * HOUR]);
  });

  it('are not looked for again for later messages, nor for those of about that time', async () => {
    await published.missing([poison(NOW - 2 * HOUR)]);
    await published.missing([poison(NOW)]);
    await published.missing([poison(NOW - 3 * HOUR)]);
    expect(asked).toHaveLength(1);
  });

  it('are looked for again for a message that is older than all that was read', async () => {
    await published.missing([poison(NOW)]);
    const old = poison(NOW - 10 * HOUR);
    places.push(placeOf(old.message));
    expect(await published.missing([old])).toEqual([]);
    expect(asked).toEqual([NOW - 2 * HOUR, NOW - 12 * HOUR]);
  });

  it.each([NOW + 1, 0, -1])('are looked for from the beginning for a message of time %d', async (time) => {
    await published.missing([poison(time)]);
    await published.missing([poison(0)]);
    expect(asked).toEqual([undefined]);
  });

  it('are looked for again when somebody else may have published some', async () => {
    const one = poison(NOW);
    expect(await published.missing([one])).toEqual([one]);
    places.push(placeOf(one.message));
    published.forget();
    expect(await published.missing([one])).toEqual([]);
  });

  it('that cannot be read are an outage, and are asked for again', async () => {
    fail = true;
    await expect(published.missing([poison(NOW)])).rejects.toThrow('no broker');
    fail = false;
    expect(await published.missing([poison(NOW)])).toHaveLength(1);
  });
});
