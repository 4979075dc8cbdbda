import { describe, expect, it } from '@jest/globals';
import type { Queryable } from '#libs/platform';
import { EventHandlingError } from './event-failure.js';
import type { RowProjection } from './row-projection.js';
import { applyRows } from './sink.js';

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
