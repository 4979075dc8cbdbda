import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { pidOf, type TestSchema, createTestSchema, untilBlocked } from './test-schema.js';

// Processes are started here, on machines that may be busy. In milliseconds.

let schema: TestSchema;
let observer: Client;

beforeAll(async () => {
  schema = await createTestSchema();
  observer = await schema.session();
});

afterAll(() => schema.stop());

describe('FOR UPDATE SKIP LOCKED', () => {
  const take = 'SELECT id FROM deliveries ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED';

  it('hands each row to one worker, and never waits', async () => {
    const [one, other] = [await schema.session(), await schema.session()];
    await observer.query('CREATE TABLE deliveries AS SELECT generate_series(1, 5) AS id');
    await one.query('BEGIN');
    await other.query('BEGIN');
    expect((await one.query(take)).rows).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await other.query(take)).rows).toEqual([{ id: 3 }, { id: 4 }]);
    expect((await observer.query(take)).rows).toEqual([{ id: 5 }]);
    await one.query('ROLLBACK');
    await other.query('COMMIT');
    expect((await observer.query(take)).rows).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('releases the rows of a worker whose session dies', async () => {
    const worker = await schema.session();
    await observer.query('CREATE TABLE reminders AS SELECT 1 AS id');
    await worker.query('BEGIN');
    await worker.query('SELECT FROM reminders FOR UPDATE SKIP LOCKED');
    const waiting = await schema.session();
    const taken = waiting.query('SELECT id FROM reminders FOR UPDATE');
    await untilBlocked(observer, waiting, worker);
    await observer.query('SELECT pg_terminate_backend($1)', [pidOf(worker)]);
    expect((await taken).rows).toEqual([{ id: 1 }]);
  });
});

describe('an advisory lock of a transaction', () => {
  const tryLock = 'SELECT pg_try_advisory_xact_lock(27, $1) AS held';

  it('belongs to one transaction, and ends with it', async () => {
    const [one, other] = [await schema.session(), await schema.session()];
    await one.query('BEGIN');
    expect((await one.query(tryLock, [1])).rows).toEqual([{ held: true }]);
    expect((await other.query(tryLock, [1])).rows).toEqual([{ held: false }]);
    expect((await other.query(tryLock, [2])).rows).toEqual([{ held: true }]);
    await one.query('ROLLBACK');
    expect((await other.query(tryLock, [1])).rows).toEqual([{ held: true }]);
  });

  it('passes to a waiting transaction when its holder is terminated, and the holder gets an error', async () => {
    const [holder, heir] = [await schema.session(), await schema.session()];
    await holder.query('BEGIN');
    await holder.query(tryLock, [3]);
    const ended = new Promise((resolve) => holder.once('end', () => resolve('ended')));
    await heir.query('BEGIN');
    const inherited = heir.query('SELECT pg_advisory_xact_lock(27, 3)');
    await untilBlocked(observer, heir, holder);
    await observer.query('SELECT pg_terminate_backend($1)', [pidOf(holder)]);
    await inherited;
    expect(await ended).toBe('ended');
    await expect(holder.query('SELECT 1')).rejects.toThrow('not queryable');
    expect((await observer.query(tryLock, [3])).rows).toEqual([{ held: false }]);
    await heir.query('ROLLBACK');
  });
});
