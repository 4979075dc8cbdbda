import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sliceOf, type RecordedEvent } from '#libs/event-store';
import { createPool, migrate, type Pool } from '#libs/platform';
import { ensureProjection, Fenced, readSlices, type Effect } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { commitBatch } from '../../libs/projection/src/commit-batch.js';
import { handOut } from '../../libs/projection/src/hand-out.js';
import { acquire, beat, readHeld, release } from '../../libs/projection/src/leases/leases.js';
import type { Seat } from '../../libs/projection/src/leases/seat.js';
import { redrive } from '../../libs/projection/src/parking/redrive.js';
import { SILENT } from '../integration/support/kafka-world.js';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';

const TTL_MS = 60_000;
let postgres: PostgresUnderTest;
let pool: Pool;
let count = 0;
let amal: Seat;
let bilal: Seat;

beforeAll(async () => {
  postgres = await postgresUnderTest();
  pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
  await migrate(pool, readModelMigrations, SILENT);
  await pool.query('CREATE TABLE written (replica text, event text)');
});
beforeEach(async () => {
  count += 1;
  const seat = { projection: `fencing_${count}`, generation: 1 };
  amal = { ...seat, replica: 'amal' };
  bilal = { ...seat, replica: 'bilal' };
  await ensureProjection(pool, seat.projection);
  await pool.query('TRUNCATE written');
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const event = (n: number, accountId = 'account'): RecordedEvent => ({
  id: `event-${n}`,
  type: 'InvitationSent',
  streamId: `account-${sliceOf(accountId)}-${accountId}`,
  accountId,
  slice: Number.parseInt(sliceOf(accountId), 16),
  revision: BigInt(n),
  created: new Date(0),
  data: {},
  metadata: {},
  position: { commit: BigInt(n), prepare: BigInt(n) },
});

const writing = (replica: string): Effect => ({
  kind: 'rows',
  async write(tx, _generation, events) {
    for (const { id } of events) await tx.query('INSERT INTO written VALUES ($1, $2)', [replica, id]);
  },
});

async function takeAll(seat: Seat) {
  await beat(pool, seat, TTL_MS);
  await acquire(pool, seat, TTL_MS, 64);
  return readHeld(pool, seat);
}

async function written(): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`SELECT replica || ' ' || event AS line FROM written`);
  return rows.map(({ line }) => line);
}

const none = new Set<string>();

describe('the fence', () => {
  it('stops an owner whose slices were taken, although nobody has moved them', async () => {
    const held = await takeAll(amal);
    await release(pool, amal, [...held.keys()]);
    const taken = await takeAll(bilal);
    expect(taken.size).toBe(64);
    const late = commitBatch(pool, amal, writing('amal'), handOut([event(1)], held, none));
    await expect(late).rejects.toThrow(Fenced);
    expect(await written()).toEqual([]);
    await commitBatch(pool, bilal, writing('bilal'), handOut([event(1)], taken, none));
    expect(await written()).toEqual(['bilal event-1']);
  });

  it('stops an owner that has lost a slice and got it back: what it read before may have been handled', async () => {
    const held = await takeAll(amal);
    await release(pool, amal, [...held.keys()]);
    await release(pool, bilal, [...(await takeAll(bilal)).keys()]);
    await takeAll(amal);
    const late = commitBatch(pool, amal, writing('amal'), handOut([event(1)], held, none));
    await expect(late).rejects.toThrow(Fenced);
    expect(await written()).toEqual([]);
  });

  it('stops a batch that has been committed already, in the same epoch', async () => {
    const held = await takeAll(amal);
    const batch = handOut([event(1)], held, none);
    await commitBatch(pool, amal, writing('amal'), batch);
    // As after a COMMIT whose answer was lost.
    await expect(commitBatch(pool, amal, writing('amal'), batch)).rejects.toThrow(Fenced);
    expect(await written()).toEqual(['amal event-1']);
  });

  it('stops the whole batch for one slice that is lost', async () => {
    const held = await takeAll(amal);
    const { slice } = event(1);
    const other = slice === 0 ? 1 : 0;
    await release(pool, amal, [other]);
    await expect(commitBatch(pool, amal, writing('amal'), handOut([event(1)], held, none))).rejects.toThrow(
      Fenced,
    );
    expect(await written()).toEqual([]);
  });

  it('stops a retry of a parked account, too', async () => {
    const held = await takeAll(amal);
    await pool.query(`INSERT INTO read_models.parked_accounts VALUES ($1, 1, 'account', $2, 'error')`, [
      amal.projection,
      event(1).slice,
    ]);
    await release(pool, amal, [...held.keys()]);
    await takeAll(bilal);
    const wanted = { accountId: 'account', slice: event(1).slice, wanted: 'retry' as const };
    const late = redrive(pool, amal, writing('amal'), held.get(event(1).slice)!, wanted);
    await expect(late).rejects.toThrow(Fenced);
    const { rowCount } = await pool.query('SELECT FROM read_models.parked_accounts WHERE projection = $1', [
      amal.projection,
    ]);
    expect(rowCount).toBe(1);
  });

  it('keeps who wakes up with a batch in hand from sending what others have sent', async () => {
    const sending = (sent: string[]): Effect => ({
      kind: 'messages',
      async send(events) {
        sent.push(...events.map(({ id }) => id));
      },
    });
    const held = await takeAll(amal);
    const batch = handOut([event(1)], held, none);
    await release(pool, amal, [...held.keys()]);
    const taken = await takeAll(bilal);
    const [late, inTime]: [string[], string[]] = [[], []];
    await commitBatch(pool, bilal, sending(inTime), handOut([event(1)], taken, none));
    await expect(commitBatch(pool, amal, sending(late), batch)).rejects.toThrow(Fenced);
    const wanted = { accountId: 'account', slice: event(1).slice, wanted: 'retry' as const };
    const retry = redrive(pool, amal, sending(late), held.get(event(1).slice)!, wanted);
    await expect(retry).rejects.toThrow(Fenced);
    expect({ late, inTime }).toEqual({ late: [], inTime: ['event-1'] });
  });

  it('moves every slice of the batch’s owner, and none backwards', async () => {
    const held = await takeAll(amal);
    await commitBatch(pool, amal, writing('amal'), handOut([event(5)], held, none));
    const again = await readHeld(pool, amal);
    await commitBatch(pool, amal, writing('amal'), handOut([event(3)], again, none));
    expect(await written()).toEqual(['amal event-5']);
    const slices = await readSlices(pool, amal.projection, 1);
    expect(new Set(slices.map(({ position }) => position?.commit))).toEqual(new Set([5n]));
  });

  it('does not make the next owner wait for a transaction that holds a slice', async () => {
    const held = await takeAll(amal);
    const slow: Effect = {
      kind: 'rows',
      async write() {
        // Amal is dead by the clock; her transaction is not.
        await pool.query(
          `UPDATE read_models.replicas SET seen_at = now() - interval '1 day' WHERE replica = 'amal'`,
        );
        expect((await takeAll(bilal)).size).toBe(0);
      },
    };
    await commitBatch(pool, amal, slow, handOut([event(1)], held, none));
    expect((await takeAll(bilal)).size).toBe(64);
  });
});
