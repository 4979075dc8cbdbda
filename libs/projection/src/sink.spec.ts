import { describe, expect, it } from '@jest/globals';
import type { RawEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import { rawEvent } from '../../../test/support/raw-event.js';
import { EventHandlingError } from './event-failure.js';
import type { RowProjection } from './row-projection.js';
import { applyRows, messageSink } from './sink.js';

interface Score {
  readonly player: string;
  readonly points: number;
}

type Scored = { readonly players: readonly string[]; readonly points: number | 'out' };

const scores: RowProjection<Scored, Score> = {
  name: 'scores',
  table: { name: 'scores', columns: { player: 'text', points: 'integer' } },
  keysOf: ({ players }) => players,
  fold(row, { points }, player) {
    if (points === 'out') return undefined;
    return points === 0 ? row : { player, points: (row?.points ?? 0) + points };
  },
};

/** A table with some rows; records the first word of each statement and its values. */
function table(...rows: Score[]) {
  const statements: [string, unknown[]][] = [];
  const texts: string[] = [];
  const query = async (text: string, values: unknown[]) => {
    texts.push(text);
    statements.push([text.split(' ')[0]!, values]);
    return { rows: rows.filter(({ player }) => (values[0] as string[]).includes(player)) };
  };
  return { db: { query } as unknown as Queryable, statements, texts };
}

const scored = (points: number | 'out', ...players: string[]): Scored => ({ players, points });

describe('applyRows', () => {
  it('reads once and writes once, whatever the size of the batch', async () => {
    const { db, statements } = table({ player: 'amal', points: 1 });
    const events = Array.from({ length: 300 }, (_, n) => scored(1, n % 2 === 0 ? 'amal' : 'bilal'));
    await applyRows(db, scores, 1, events);
    expect(statements).toEqual([
      ['SELECT', [['amal', 'bilal']]],
      [
        'INSERT',
        [
          ['amal', 'bilal'],
          [151, 150],
        ],
      ],
    ]);
  });

  it('deletes rows that are gone after the batch, and does not write rows that existed only within it', async () => {
    const { db, statements } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 1, [scored(5, 'bilal'), scored('out', 'amal', 'bilal')]);
    expect(statements).toEqual([
      ['SELECT', [['bilal', 'amal']]],
      ['DELETE', [['amal']]],
    ]);
  });

  it('does not write an unchanged row', async () => {
    const { db, statements } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 1, [scored(0, 'amal')]);
    expect(statements.map(([verb]) => verb)).toEqual(['SELECT']);
  });

  it('writes or deletes a row without reading it if its first event ignores the previous row', async () => {
    const { db, statements } = table({ player: 'amal', points: 7 }, { player: 'chiara', points: 7 });
    const startingAt5 = {
      ...scores,
      ignoresPreviousRow: ({ points }: Scored) => points === 5 || points === 'out',
    };
    await applyRows(db, startingAt5, 1, [
      scored(1, 'bilal'),
      scored(5, 'amal', 'bilal'),
      scored('out', 'chiara'),
    ]);
    expect(statements).toEqual([
      ['SELECT', [['bilal']]],
      ['INSERT', [['bilal', 'amal'], expect.anything()]],
      ['DELETE', [['chiara']]],
    ]);
  });

  it('uses the table of the generation', async () => {
    const { db, texts } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 2, [scored(1, 'amal', 'bilal'), scored('out', 'amal')]);
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text).toMatch(/(FROM|INTO) scores_g2 /);
  });

  it('throws an EventHandlingError and writes nothing when the fold throws', async () => {
    const { db, statements } = table();
    const broken = {
      ...scores,
      fold: () => {
        throw new TypeError('broken');
      },
    };
    await expect(applyRows(db, broken, 1, [scored(1, 'amal')])).rejects.toThrow(EventHandlingError);
    expect(statements.map(([verb]) => verb)).toEqual(['SELECT']);
  });

  it('runs no statement for events that the projection ignores', async () => {
    const { db, statements } = table();
    await applyRows(db, scores, 1, [scored(1)]);
    expect(statements).toEqual([]);
  });
});

describe('messageSink', () => {
  /** Every third event has three pages. */
  const pagesAfter = ({ id }: RawEvent) => (Number(id) % 3 === 0 ? pagesOf(id) : undefined);
  const log: string[] = [];
  async function* pagesOf(id: string) {
    for (const page of [1, 2, 3]) {
      log.push(`made ${id}.${page}`);
      yield [`${id}.${page}a`, `${id}.${page}b`];
    }
    await Promise.resolve();
  }
  const send = async (messages: readonly string[]) => void log.push(`sent ${messages.join(' ')}`);
  const events = (...numbers: number[]) => numbers.map((n) => rawEvent(n, 0));

  it('sends single messages together, and pages one by one in the order of the events', async () => {
    log.length = 0;
    await messageSink(({ id }) => id, send, undefined, pagesAfter).send(events(1, 2, 3, 4, 5));
    expect(log).toEqual([
      'sent 1 2',
      'made 3.1',
      'sent 3.1a 3.1b',
      'made 3.2',
      'sent 3.2a 3.2b',
      'made 3.3',
      'sent 3.3a 3.3b',
      'sent 4 5',
    ]);
  });

  it('makes no further page, and sends nothing behind it, when a page cannot be sent', async () => {
    log.length = 0;
    const failing = async (messages: readonly string[]) => {
      if (messages.includes('3.2a')) throw new Error('the broker is away');
      await send(messages);
    };
    const sink = messageSink(({ id }) => id, failing, undefined, pagesAfter);
    await expect(sink.send(events(3, 4))).rejects.toThrow('the broker is away');
    expect(log.filter((line) => line.startsWith('made'))).toEqual(['made 3.1', 'made 3.2']);
    expect(log).not.toContain('sent 4');
  });

  it('sends nothing when an event cannot be mapped', async () => {
    log.length = 0;
    const broken = ({ id }: RawEvent) => {
      if (id === '4') throw new TypeError('broken');
      return id;
    };
    await expect(messageSink(broken, send, undefined, pagesAfter).send(events(1, 3, 4))).rejects.toThrow(
      EventHandlingError,
    );
    expect(log).toEqual([]);
  });
});
