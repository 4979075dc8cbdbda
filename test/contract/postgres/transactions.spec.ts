import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { type TestSchema, createTestSchema, untilBlocked } from './test-schema.js';

// Processes are started here, on machines that may be busy. In milliseconds.

let schema: TestSchema;
let one: Client;
let other: Client;
let observer: Client;

beforeAll(async () => {
  schema = await createTestSchema();
  [one, other, observer] = [await schema.session(), await schema.session(), await schema.session()];
});

afterAll(() => schema.stop());

describe('a transaction', () => {
  it('makes its rows visible all at once when it commits, and none before', async () => {
    await one.query('CREATE TABLE rows (id int); CREATE TABLE checkpoint (position numeric(20))');
    const seen =
      'SELECT (SELECT count(*)::int FROM rows) AS rows, (SELECT count(*)::int FROM checkpoint) AS checkpoint';
    await one.query('BEGIN');
    await one.query('INSERT INTO rows VALUES (1)');
    await one.query('INSERT INTO checkpoint VALUES (7)');
    expect((await other.query(seen)).rows).toEqual([{ rows: 0, checkpoint: 0 }]);
    await one.query('COMMIT');
    expect((await other.query(seen)).rows).toEqual([{ rows: 1, checkpoint: 1 }]);
  });

  it('leaves nothing when it is rolled back, not even a table', async () => {
    await one.query('BEGIN');
    await one.query('CREATE TABLE half_a_migration (id int)');
    await one.query('ROLLBACK');
    const { rows } = await one.query("SELECT to_regclass('half_a_migration') AS found");
    expect(rows).toEqual([{ found: null }]);
  });

  it('rejects all statements after an error, and rolls back at COMMIT', async () => {
    await one.query('CREATE TABLE strict (id int PRIMARY KEY)');
    await one.query('BEGIN');
    await one.query('INSERT INTO strict VALUES (1)');
    await expect(one.query('INSERT INTO strict VALUES (1)')).rejects.toMatchObject({ code: '23505' });
    await expect(one.query('INSERT INTO strict VALUES (2)')).rejects.toMatchObject({ code: '25P02' });
    expect((await one.query('COMMIT')).command).toBe('ROLLBACK');
    expect((await one.query('SELECT FROM strict')).rowCount).toBe(0);
  });

  it('has one now() throughout, while clock_timestamp() advances', async () => {
    const query = 'SELECT now()::text AS now, clock_timestamp() > now() AS clock_is_ahead';
    await one.query('BEGIN');
    const first = await one.query<{ now: string }>(query);
    const second = await one.query<{ now: string }>(query);
    await one.query('COMMIT');
    const later = await one.query<{ now: string }>(query);
    expect(second.rows).toEqual([{ now: first.rows[0]?.now, clock_is_ahead: true }]);
    expect(later.rows[0]?.now).not.toBe(first.rows[0]?.now);
  });
});

describe('an UPDATE that names the position it replaces', () => {
  const advance = 'UPDATE fence SET position = $2 WHERE position = $1 AND epoch = 1';

  beforeAll(() => one.query('CREATE TABLE fence (position numeric(20), epoch int)'));
  beforeAll(() => one.query('INSERT INTO fence VALUES (10, 1)'));

  it.each([
    { end: 'COMMIT', changed: 0, position: '11' },
    { end: 'ROLLBACK', changed: 1, position: '12' },
  ])(
    'waits for a concurrent one and changes $changed rows after its $end',
    async ({ end, changed, position }) => {
      await one.query('UPDATE fence SET position = 10');
      await one.query('BEGIN');
      await one.query(advance, [10, 11]);
      const late = other.query(advance, [10, 12]);
      await untilBlocked(observer, other, one);
      await one.query(end);
      expect((await late).rowCount).toBe(changed);
      expect((await observer.query('SELECT position FROM fence')).rows).toEqual([{ position }]);
    },
  );

  it('changes nothing for the owner of an old epoch', async () => {
    await one.query('UPDATE fence SET position = 10, epoch = 2');
    expect((await other.query(advance, [10, 11])).rowCount).toBe(0);
  });
});
