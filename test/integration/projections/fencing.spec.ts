import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sliceOf, type RawEvent } from '#libs/event-store';
import { createPool, type Pool } from '#libs/platform';
import { ensureProjection, FencedError, readSlices, type Sink } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { commitBatch, routeBatch } from '../../../libs/projection/src/commit-batch.js';
import type { LeaseHolder } from '../../../libs/projection/src/leases/fencing.js';
import {
  acquireSlices,
  heartbeat,
  readOwnedSlices,
  releaseSlices,
} from '../../../libs/projection/src/leases/leases.js';
import { retryParkedAccount } from '../../../libs/projection/src/parking/parked-actions.js';
import { SILENT } from '../support/consumer-harness.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { id } from '../../support/story.js';

const TTL_MS = 60_000;
let postgres: TestPostgres;
let pool: Pool;
let count = 0;
let amal: LeaseHolder;
let bilal: LeaseHolder;

beforeAll(async () => {
  postgres = await openTestPostgres(readModelMigrations);
  pool = createPool({ url: postgres.url, app: 'test', pipeline: true }, SILENT);
  await pool.query('CREATE TABLE written (replica text, event text)');
});
beforeEach(async () => {
  count += 1;
  const group = { projection: `fencing_${count}`, generation: 1 };
  amal = { ...group, replica: 'amal' };
  bilal = { ...group, replica: 'bilal' };
  await ensureProjection(pool, group.projection);
  await pool.query('TRUNCATE written');
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const event = (n: number, accountId = 'account'): RawEvent => ({
  id: id(n),
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

const writing = (replica: string): Sink => ({
  kind: 'table',
  async write(tx, _generation, events) {
    for (const { id } of events) await tx.query('INSERT INTO written VALUES ($1, $2)', [replica, id]);
  },
});

async function acquireAll(holder: LeaseHolder) {
  await heartbeat(pool, holder, TTL_MS);
  await acquireSlices(pool, holder, TTL_MS, 64);
  return readOwnedSlices(pool, holder);
}

async function written(): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`SELECT replica || ' ' || event AS line FROM written`);
  return rows.map(({ line }) => line);
}

const none = new Set<string>();

describe('a replica that died', () => {
  it("loses its slices also after the database's clock was set back", async () => {
    expect((await acquireAll(amal)).size).toBe(64);
    await pool.query(
      `UPDATE read_models.replicas SET seen_at = now() + interval '1 hour' WHERE projection = $1`,
      [amal.projection],
    );
    expect((await heartbeat(pool, bilal, TTL_MS)).liveReplicas).toEqual(['bilal']);
    expect((await acquireAll(bilal)).size).toBe(64);
  });
});

describe('fencing', () => {
  it('rejects a batch of a former owner, although the checkpoints have not advanced', async () => {
    const owned = await acquireAll(amal);
    await releaseSlices(pool, amal, [...owned.keys()]);
    const taken = await acquireAll(bilal);
    expect(taken.size).toBe(64);
    const late = commitBatch(pool, amal, writing('amal'), routeBatch([event(1)], owned, none));
    await expect(late).rejects.toThrow(FencedError);
    expect(await written()).toEqual([]);
    await commitBatch(pool, bilal, writing('bilal'), routeBatch([event(1)], taken, none));
    expect(await written()).toEqual([`bilal ${id(1)}`]);
  });

  it('rejects a batch read before the owner lost a slice and acquired it again', async () => {
    const owned = await acquireAll(amal);
    await releaseSlices(pool, amal, [...owned.keys()]);
    await releaseSlices(pool, bilal, [...(await acquireAll(bilal)).keys()]);
    await acquireAll(amal);
    const late = commitBatch(pool, amal, writing('amal'), routeBatch([event(1)], owned, none));
    await expect(late).rejects.toThrow(FencedError);
    expect(await written()).toEqual([]);
  });

  it('rejects a batch that was committed already in the same epoch', async () => {
    const owned = await acquireAll(amal);
    const batch = routeBatch([event(1)], owned, none);
    await commitBatch(pool, amal, writing('amal'), batch);
    // As after a COMMIT whose response was lost.
    await expect(commitBatch(pool, amal, writing('amal'), batch)).rejects.toThrow(FencedError);
    expect(await written()).toEqual([`amal ${id(1)}`]);
  });

  it('rejects the whole batch if one slice was lost', async () => {
    const owned = await acquireAll(amal);
    const { slice } = event(1);
    const other = slice === 0 ? 1 : 0;
    await releaseSlices(pool, amal, [other]);
    await expect(
      commitBatch(pool, amal, writing('amal'), routeBatch([event(1)], owned, none)),
    ).rejects.toThrow(FencedError);
    expect(await written()).toEqual([]);
  });

  it('rejects a retry of a parked account by a former owner', async () => {
    const owned = await acquireAll(amal);
    await pool.query(`INSERT INTO read_models.parked_accounts VALUES ($1, 1, 'account', $2, 'error')`, [
      amal.projection,
      event(1).slice,
    ]);
    await releaseSlices(pool, amal, [...owned.keys()]);
    await acquireAll(bilal);
    const action = { accountId: 'account', slice: event(1).slice, action: 'retry' as const };
    const late = retryParkedAccount(pool, amal, writing('amal'), owned.get(event(1).slice)!, action);
    await expect(late).rejects.toThrow(FencedError);
    const { rowCount } = await pool.query('SELECT FROM read_models.parked_accounts WHERE projection = $1', [
      amal.projection,
    ]);
    expect(rowCount).toBe(1);
  });

  it('keeps a former owner from sending messages that the new owner has sent', async () => {
    const sending = (sent: string[]): Sink => ({
      kind: 'messages',
      async send(events) {
        sent.push(...events.map(({ id }) => id));
      },
    });
    const owned = await acquireAll(amal);
    const batch = routeBatch([event(1)], owned, none);
    await releaseSlices(pool, amal, [...owned.keys()]);
    const taken = await acquireAll(bilal);
    const [late, inTime]: [string[], string[]] = [[], []];
    await commitBatch(pool, bilal, sending(inTime), routeBatch([event(1)], taken, none));
    await expect(commitBatch(pool, amal, sending(late), batch)).rejects.toThrow(FencedError);
    const action = { accountId: 'account', slice: event(1).slice, action: 'retry' as const };
    const retry = retryParkedAccount(pool, amal, sending(late), owned.get(event(1).slice)!, action);
    await expect(retry).rejects.toThrow(FencedError);
    expect({ late, inTime }).toEqual({ late: [], inTime: [id(1)] });
  });

  it('advances every slice of the owner, and none backwards', async () => {
    const owned = await acquireAll(amal);
    await commitBatch(pool, amal, writing('amal'), routeBatch([event(5)], owned, none));
    const again = await readOwnedSlices(pool, amal);
    await commitBatch(pool, amal, writing('amal'), routeBatch([event(3)], again, none));
    expect(await written()).toEqual([`amal ${id(5)}`]);
    const slices = await readSlices(pool, amal.projection, 1);
    expect(new Set(slices.map(({ position }) => position?.commit))).toEqual(new Set([5n]));
  });

  it('does not let the next owner wait for a transaction that has locked a slice', async () => {
    const owned = await acquireAll(amal);
    const slow: Sink = {
      kind: 'table',
      async write(tx) {
        // The statement that locks the slices was sent before this one, and may still be running.
        await tx.query('SELECT');
        // Amal's lease has expired; her transaction is still open.
        await pool.query(
          `UPDATE read_models.replicas SET seen_at = now() - interval '1 day' WHERE replica = 'amal'`,
        );
        expect((await acquireAll(bilal)).size).toBe(0);
      },
    };
    await commitBatch(pool, amal, slow, routeBatch([event(1)], owned, none));
    expect((await acquireAll(bilal)).size).toBe(64);
  });
});
