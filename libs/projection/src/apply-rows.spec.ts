import { describe, expect, it } from '@jest/globals';
import type { Queryable } from '#libs/platform';
import { applyRows } from './apply-rows.js';
import type { RowProjection } from './row-projection.js';
import { EventFailed } from './whose-failure.js';

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

/** A table with the rows that are given; notes each statement's first word and its values. */
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

describe('a batch of events', () => {
  it('is one read and one write, whatever its size', async () => {
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

  it('deletes what is gone at its end, and does not write what came and went within', async () => {
    const { db, statements } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 1, [scored(5, 'bilal'), scored('out', 'amal', 'bilal')]);
    expect(statements).toEqual([
      ['SELECT', [['bilal', 'amal']]],
      ['DELETE', [['amal']]],
    ]);
  });

  it('does not touch a row that it does not change', async () => {
    const { db, statements } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 1, [scored(0, 'amal')]);
    expect(statements.map(([verb]) => verb)).toEqual(['SELECT']);
  });

  it('reads no row that the first event starts anew, and writes or deletes it whatever is there', async () => {
    const { db, statements } = table({ player: 'amal', points: 7 }, { player: 'chiara', points: 7 });
    const startingAt5 = { ...scores, startsAnew: ({ points }: Scored) => points === 5 || points === 'out' };
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

  it('goes to the table of its generation', async () => {
    const { db, texts } = table({ player: 'amal', points: 1 });
    await applyRows(db, scores, 2, [scored(1, 'amal', 'bilal'), scored('out', 'amal')]);
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text).toMatch(/(FROM|INTO) scores_g2 /);
  });

  it('fails by the event’s fault when the fold throws, and writes nothing', async () => {
    const { db, statements } = table();
    const broken = {
      ...scores,
      fold: () => {
        throw new TypeError('broken');
      },
    };
    await expect(applyRows(db, broken, 1, [scored(1, 'amal')])).rejects.toThrow(EventFailed);
    expect(statements.map(([verb]) => verb)).toEqual(['SELECT']);
  });

  it('of no concern to the projection asks nothing', async () => {
    const { db, statements } = table();
    await applyRows(db, scores, 1, [scored(1)]);
    expect(statements).toEqual([]);
  });
});
