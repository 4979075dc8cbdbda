import { describe, expect, it } from '@jest/globals';
import { sent } from '../../support/story.js';
import { databaseOf, rowsOf } from './database.js';

const DAY = 24 * 60 * 60_000;
const BEGIN = Date.parse('2026-01-01T12:00:00Z');
const onDay = (day: number, n: number) => ({
  accountId: 'amal',
  event: { ...sent(n), at: new Date(BEGIN + day * DAY).toISOString() },
});

async function periodOf(days: readonly number[]) {
  const database = await databaseOf(days.map(onDay));
  try {
    const [row] = await rowsOf<Record<string, unknown>>(database, 'FROM period');
    return row!;
  } finally {
    database.close();
  }
}

const day = (n: number) => new Date(BEGIN + n * DAY).toISOString();
const daily = Array.from({ length: 200 }, (_, n) => n);

describe('the table period', () => {
  it('begins with the first event and ends with the last one', async () => {
    expect(await periodOf(daily)).toEqual({
      begins: day(0),
      ends: day(199),
      stray_events: 0,
      last_stray_at: null,
    });
  });

  it('does not end with a stray event long after all others, but says that there is one', async () => {
    expect(await periodOf([...daily, 400])).toEqual({
      begins: day(0),
      ends: day(199),
      stray_events: 1,
      last_stray_at: day(400),
    });
  });

  it('ends with the last event if there are many after the silence, the silence is short, or the log is', async () => {
    const many = [...daily, 400, 401];
    for (const days of [many, [...daily, 220], [0, 1, 2, 90]])
      expect(await periodOf(days)).toMatchObject({ ends: day(Math.max(...days)), stray_events: 0 });
  });

  it('is one row of NULLs for an empty log', async () => {
    expect(await periodOf([])).toEqual({ begins: null, ends: null, stray_events: 0, last_stray_at: null });
  });
});
