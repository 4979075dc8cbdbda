// A replica in a process of its own, for a test to pause and to kill: `{eventStore, postgres, replica, projections}` comes
// as an argument. Told to `pause`, it stops itself in the middle of its next transaction, as SIGSTOP would find it.
import 'reflect-metadata';
import { Registry } from 'prom-client';
import { connectEventStore, decoded } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createLogger, createPool, Health } from '#libs/platform';
import {
  eventLog,
  ProjectionMetrics,
  ProjectionWorker,
  rowsEffect,
  WorkerStatus,
  type RowProjection,
} from '#libs/projection';
import { inboxProjection, sentProjection } from '#libs/read-models';

const { eventStore, postgres, replica, projections } = JSON.parse(process.argv[2]!) as {
  eventStore: string;
  postgres: string;
  replica: string;
  projections: string[];
};

/** As a test's own counting projection; that file's imports are for the test runner. */
const counting = (name: string): RowProjection<InvitationEvent, { account: string; events: number }> => ({
  name,
  table: { name: `test.${name}`, columns: { account: 'text', events: 'integer' } },
  keysOf: (event) => ['inviterId' in event ? event.inviterId : event.accountId],
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 1 }),
});

const LEASE_TTL_MS = 2_000;
const logger = createLogger('replica', 'silent');
const pool = createPool({ url: postgres, app: replica, max: 8, idleInTransactionMs: LEASE_TTL_MS }, logger);
const log = eventLog(connectEventStore(eventStore));
const metrics = new ProjectionMetrics(new Registry());
const health = new Health();
let isToPause = false;
process.on('message', (message) => {
  isToPause = message === 'pause';
});

function work<Row extends object>(projection: RowProjection<InvitationEvent, Row>): void {
  const effect = rowsEffect(projection, (recorded) => decoded(recorded).event);
  const pausing: typeof effect = {
    ...effect,
    async write(...args) {
      await effect.write(...args);
      if (!isToPause) return;
      isToPause = false;
      process.kill(process.pid, 'SIGSTOP');
    },
  };
  const status = new WorkerStatus(projection.name, health, metrics, logger, () => new Date());
  const settings = {
    projection: projection.name,
    replica,
    leaseTtlMs: LEASE_TTL_MS,
    beatMs: 300,
    quietMs: 1_000,
  };
  new ProjectionWorker({ ...settings, batchEvents: 100, batchMs: 10 }, pool, log, pausing, status).start();
}

for (const name of projections) {
  if (name === 'inbox') work(inboxProjection);
  else if (name === 'sent') work(sentProjection);
  else work(counting(name));
}
process.once('disconnect', () => process.exit(0));
