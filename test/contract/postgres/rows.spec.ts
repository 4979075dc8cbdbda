import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { type TestSchema, createTestSchema } from './test-schema.js';

// Processes are started here, on machines that may be busy. In milliseconds.

let schema: TestSchema;
let client: Client;

beforeAll(async () => {
  schema = await createTestSchema();
  client = await schema.session();
});

afterAll(() => schema.stop());

describe('an upsert of a batch with unnest', () => {
  const upsert = `
    INSERT INTO invitations (id, position, message)
    SELECT * FROM unnest($1::text[], $2::numeric[], $3::text[])
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, message = excluded.message
    WHERE excluded.position > invitations.position`;
  const all = 'SELECT id, position, message FROM invitations ORDER BY id';

  beforeEach(() => client.query('DROP TABLE IF EXISTS invitations'));
  beforeEach(() =>
    client.query('CREATE TABLE invitations (id text PRIMARY KEY, position numeric(20), message text)'),
  );

  it('inserts new rows, updates older rows, and changes nothing when it is repeated', async () => {
    await client.query(upsert, [
      ['a', 'b'],
      ['5', '5'],
      ['old', null],
    ]);
    const batch = [
      ['a', 'b', 'c'],
      ['6', '4', '6'],
      ['new', 'too old', 'x'],
    ];
    expect((await client.query(upsert, batch)).rowCount).toBe(2);
    expect((await client.query(upsert, batch)).rowCount).toBe(0);
    expect((await client.query(all)).rows).toEqual([
      { id: 'a', position: '6', message: 'new' },
      { id: 'b', position: '5', message: null },
      { id: 'c', position: '6', message: 'x' },
    ]);
  });

  it('fails as a whole for a batch that names one row twice', async () => {
    const twice = client.query(upsert, [
      ['a', 'b', 'a'],
      ['1', '1', '2'],
      ['x', 'y', 'z'],
    ]);
    await expect(twice).rejects.toMatchObject({ code: '21000' });
    expect((await client.query(all)).rows).toEqual([]);
  });

  it('stores any text without NUL', async () => {
    const text = 'دعوة للتواصل 👋🏽 é \t "quoted" {array} \\ end';
    await client.query(upsert, [['a'], ['1'], [text]]);
    expect((await client.query(all)).rows).toEqual([{ id: 'a', position: '1', message: text }]);
    const withNul = client.query(upsert, [['b'], ['1'], ['\u0000']]);
    await expect(withNul).rejects.toMatchObject({ code: '22021' });
  });
});

describe('numeric(20)', () => {
  it('stores an unsigned 64-bit position exactly, and orders it as a number', async () => {
    const positions = ['18446744073709551615', '9007199254740993', '9', '10', '0'];
    const { rows } = await client.query(
      'SELECT p::numeric(20) AS position FROM unnest($1::numeric[]) AS p ORDER BY 1',
      [positions],
    );
    expect(rows.map(({ position }: { position: string }) => position)).toEqual([
      '0',
      '9',
      '10',
      '9007199254740993',
      '18446744073709551615',
    ]);
  });
});

describe('keyset pages', () => {
  // Microseconds: a cursor that is converted to a JavaScript Date would lose the last three digits.
  const times = ['10:00:00.000001', '10:00:00.000002', '10:00:00.000002', '10:00:00.000002', '11:00:00'];
  const page = `
    SELECT id, sent_at::text AS "sentAt" FROM sent
    WHERE $1::timestamptz IS NULL OR (sent_at, id) < ($1::timestamptz, $2::text)
    ORDER BY sent_at DESC, id DESC LIMIT 2`;

  it('return every row once, newest first, with ties and while newer rows arrive', async () => {
    await client.query('CREATE TABLE sent (id text COLLATE "C", sent_at timestamptz)');
    await client.query('INSERT INTO sent SELECT * FROM unnest($1::text[], $2::timestamptz[])', [
      ['B', 'a', 'é', 'A', 'z'],
      times.map((time) => `2026-01-01T${time}Z`),
    ]);
    const seen: string[] = [];
    let cursor: (string | null)[] = [null, null];
    for (;;) {
      const { rows } = await client.query<{ id: string; sentAt: string }>(page, cursor);
      const last = rows.at(-1);
      if (!last) break;
      seen.push(...rows.map(({ id }) => id));
      cursor = [last.sentAt, last.id];
      await client.query("INSERT INTO sent VALUES ('newer', now())");
    }
    expect(seen).toEqual(['z', 'é', 'a', 'A', 'B']);
  });
});
