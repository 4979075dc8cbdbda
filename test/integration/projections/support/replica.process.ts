// A replica as a process that a test pauses and kills. Its argument is JSON with `eventStore`, `postgres`, `replica`
// and `projections`. After the message `pause`, it stops itself within its next transaction.
import 'reflect-metadata';
import { Registry } from 'prom-client';
import { connectEventStore, decodeEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createLogger, createPool, Health } from '#libs/platform';
import {
  createEventLog,
  ProjectionMetrics,
  ProjectionWorker,
  tableSink,
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

/** A copy of the harness's counting projection, whose file imports the test runner. */
const counting = (name: string): RowProjection<InvitationEvent, { account: string; events: number }> => ({
  name,
  table: { name: `test.${name}`, columns: { account: 'text', events: 'integer' } },
  keysOf: (event) => ['inviterId' in event ? event.inviterId : event.accountId],
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 1 }),
});

const LEASE_TTL_MS = 2_000;
const logger = createLogger('replica', 'silent');
const pool = createPool(
  { url: postgres, app: replica, max: 8, idleInTransactionTimeoutMs: LEASE_TTL_MS, pipeline: true },
  logger,
);
const client = connectEventStore(eventStore);
const log = createEventLog(() => client);
const metrics = new ProjectionMetrics(new Registry());
const health = new Health();
let mustPause = false;
process.on('message', (message) => {
  mustPause = message === 'pause';
});

function work<Row extends object>(projection: RowProjection<InvitationEvent, Row>): void {
  const effect = tableSink(projection, (raw) => decodeEvent(raw).event);
  const pausing: typeof effect = {
    ...effect,
    async write(...args) {
      await effect.write(...args);
      if (!mustPause) return;
      mustPause = false;
      process.kill(process.pid, 'SIGSTOP');
    },
  };
  const status = new WorkerStatus(projection.name, health, metrics, logger, () => new Date());
  const settings = {
    projection: projection.name,
    replica,
    leaseTtlMs: LEASE_TTL_MS,
    heartbeatMs: 300,
    quietMs: 1_000,
  };
  new ProjectionWorker(
    { ...settings, batchMaxEvents: 100, batchMaxWaitMs: 10 },
    pool,
    log,
    pausing,
    status,
  ).start();
}

for (const name of projections) {
  if (name === 'inbox') work(inboxProjection);
  else if (name === 'sent') work(sentProjection);
  else work(counting(name));
}
process.once('disconnect', () => process.exit(0));
