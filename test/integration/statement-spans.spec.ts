import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createPool,
  inTransaction,
  runInSpans,
  runOutsideSpans,
  startSpan,
  withSpans,
  type Pool,
} from '#libs/platform';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { recordSpans, spanIdOf } from '../support/record-spans.js';
import { SILENT } from './support/consumer-harness.js';

let postgres: TestPostgres;
let pool: Pool;
let recorded: ReturnType<typeof recordSpans>;

beforeAll(async () => {
  postgres = await openTestPostgres();
  pool = createPool({ url: postgres.url, app: 'test', max: 1 }, SILENT);
  await pool.query('CREATE TABLE written (value text)');
});
beforeEach(() => {
  recorded = recordSpans();
});
afterEach(() => recorded.stop());
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const start = (name: string) => startSpan(name, 'consumer', undefined, {})!;
const statements = () => recorded.spans().filter(({ attributes }) => 'db.system.name' in attributes);

describe('a statement of traced work', () => {
  it('is a span below the work, with its first word and no value', async () => {
    const work = start('work');
    await withSpans([work], () => pool.query("  -- why\n insert into written VALUES ($1), ('b')", ['a']));
    expect(statements()).toEqual([
      {
        name: 'INSERT',
        traceparent: expect.any(String),
        parentSpanId: spanIdOf(work.traceparent),
        links: [],
        attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'INSERT' },
        hasFailed: false,
      },
    ]);
  });

  it('has the name of a named statement', async () => {
    await withSpans([start('work')], () => pool.query({ name: 'find the rows', text: 'SELECT 1' }));
    expect(statements()).toMatchObject([
      { name: 'find the rows', attributes: { 'db.operation.name': 'SELECT' } },
    ]);
  });

  it('is one span each in a transaction', async () => {
    await withSpans([start('work')], () => inTransaction(pool, (tx) => tx.query('SELECT 1')));
    expect(statements().map(({ name }) => name)).toEqual(['BEGIN', 'SELECT', 'COMMIT']);
  });

  it('has failed if the statement has, with the class of the error and without its message', async () => {
    const failing = withSpans([start('work')], () => pool.query(`SELECT 'amal@network.example'::integer`));
    await expect(failing).rejects.toThrow('invalid input syntax');
    expect(statements()).toMatchObject([
      { hasFailed: true, attributes: { 'error.type': expect.stringMatching(/Error$/) } },
    ]);
    expect(JSON.stringify(recorded.spans())).not.toContain('amal');
  });

  it('is below the first span of a batch, and linked to the others', async () => {
    const [first, second] = [start('one'), start('two')];
    await withSpans([first, second], () => pool.query('SELECT 1'));
    expect(statements()).toMatchObject([
      { parentSpanId: spanIdOf(first.traceparent), links: [second.traceparent] },
    ]);
  });

  it('belongs to the work that waited for the connection, and not to the work that released it', async () => {
    const [holds, waits] = [start('holds'), start('waits')];
    await Promise.all([
      withSpans([holds], () => inTransaction(pool, (tx) => tx.query('SELECT 1'))),
      withSpans([waits], () => pool.query('DELETE FROM written')),
    ]);
    expect(statements()).toContainEqual(
      expect.objectContaining({ name: 'DELETE', parentSpanId: spanIdOf(waits.traceparent) }),
    );
  });
});

describe('no span', () => {
  it('is started outside of traced work, by a group commit, after the end, or where statements would tell too much', async () => {
    await pool.query('SELECT 1');
    await withSpans([start('work')], () => runOutsideSpans(() => pool.query('SELECT 1')));
    await runInSpans([start('silent')], () => pool.query('SELECT 1'), false);
    const ended = start('ended');
    ended.end();
    await runInSpans([ended], () => pool.query('SELECT 1'));
    expect(statements()).toEqual([]);
  });
});
