import { binaryEvent, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import {
  AccountRepository,
  connectEventStore,
  closeEventStore,
  decodeEvent,
  decodeInvitationEvent,
  UnknownEventError,
  sliceOf,
  STREAM_PREFIX,
  streamOf,
  encodeEvent,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createPool, Health, type ComponentHealth, type Pool } from '#libs/platform';
import {
  createEventLog,
  ensureProjection,
  readLiveGeneration,
  ProjectionMetrics,
  ProjectionWorker,
  readSlices,
  tableSink,
  generationTableName,
  WORKER_DEFAULTS,
  WorkerStatus,
  type Sink,
  type EventLog,
  type RowProjection,
  type WorkerSettings,
} from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';
import { rowsAfter } from '../../support/rows.js';
import { declinedBy, ignored, INVITATION, replied, sent, withdrawn } from '../../support/story.js';
import { until } from '../../support/until.js';
import { EventStoreUnderControl } from './event-store-under-control.js';
import { SILENT } from './consumer-harness.js';

export interface CountRow {
  readonly account: string;
  readonly events: number;
}

/** Counts the events of each account. Unlike the real projections, it shows an event that was applied twice. */
export const countingProjection = (name: string): RowProjection<InvitationEvent, CountRow> => ({
  name,
  table: { name: `test.${name}`, columns: { account: 'text', events: 'integer' } },
  keysOf: (event) => ['inviterId' in event ? event.inviterId : event.accountId],
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 1 }),
});

/** Seconds are long in a test. */
const QUICK = { leaseTtlMs: 1_500, heartbeatMs: 200, quietMs: 500 } as const;

let replicas = 0;

export interface How extends Partial<Omit<WorkerSettings, 'projection'>> {
  readonly client?: EventStoreDBClient;
  readonly log?: EventLog;
  readonly pool?: Pool;
}

export interface Log {
  readonly events: readonly InvitationEvent[];
  /** The position of the last event of each slice. */
  readonly ends: ReadonlyMap<number, bigint>;
}

export interface TestWorker {
  readonly replica: string;
  state(): ComponentHealth;
  /** Returns a metric by its name without the common prefix. */
  metric(name: string): Promise<number | undefined>;
  /** Returns the number of series with that name. */
  series(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** An event store and a database with workers between them, and the state that the log should lead to. */
export class ProjectionHarness {
  readonly warnings: string[] = [];
  private readonly workers = new Set<ProjectionWorker>();
  private readonly pools: Pool[] = [];
  private appended = 0;
  /** One client for all appends, because each client would keep a call open. */
  private readonly repository: AccountRepository;

  private constructor(
    readonly eventStore: EventStoreUnderControl,
    private readonly postgres: TestPostgres,
    readonly client: EventStoreDBClient,
    readonly pool: Pool,
  ) {
    this.repository = new AccountRepository(client, { timeoutMs: 2_000, attempts: 5 });
  }

  /** @param options whether a test kills the event store, which then is a process of its own */
  static async open({ killsEventStore = false } = {}): Promise<ProjectionHarness> {
    const [eventStore, postgres] = await Promise.all([
      killsEventStore ? EventStoreUnderControl.start() : EventStoreUnderControl.startShared(),
      openTestPostgres(readModelMigrations),
    ]);
    const pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
    await pool.query('CREATE SCHEMA test');
    return new ProjectionHarness(eventStore, postgres, connectEventStore(eventStore.url), pool);
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await closeEventStore(this.client);
    for (const pool of [...this.pools, this.pool]) await pool.end();
    await this.postgres.stop();
    await this.eventStore.remove();
  }

  async stopWorkers(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.stop()));
    this.workers.clear();
  }

  async counting(name: string): Promise<RowProjection<InvitationEvent, CountRow>> {
    const projection = countingProjection(name);
    const table = generationTableName(projection.table, 1);
    await this.pool.query(`CREATE TABLE ${table} (account text PRIMARY KEY, events integer)`);
    await this.pool.query(`CREATE VIEW ${projection.table.name} AS SELECT * FROM ${table}`);
    await ensureProjection(this.pool, name);
    return projection;
  }

  /** Starts a worker like the projector app, with a pool of its own and shorter intervals by default. */
  work<Row extends object>(projection: RowProjection<InvitationEvent, Row>, how: How = {}): TestWorker {
    return this.workFor(
      projection.name,
      tableSink(projection, (recorded) => decodeEvent(recorded).event),
      how,
    );
  }

  workFor(name: string, effect: Sink, { client = this.client, log, pool, ...how }: How = {}): TestWorker {
    const health = new Health();
    replicas += 1;
    const settings = {
      ...WORKER_DEFAULTS,
      ...QUICK,
      projection: name,
      replica: `replica-${replicas}`,
      ...how,
    };
    const app = `${name} ${settings.replica}`;
    const own = pool ?? this.openPool(app, settings.leaseTtlMs);
    const logger = pino({ level: 'warn' }, { write: (line: string) => this.warnings.push(line) });
    const registry = new Registry();
    const status = new WorkerStatus(name, health, new ProjectionMetrics(registry), logger, () => new Date());
    const worker = new ProjectionWorker(settings, own, log ?? createEventLog(() => client), effect, status);
    this.workers.add(worker);
    worker.start();
    const valuesOf = async (metric: string) =>
      (await registry.getSingleMetric(`invitations_projection_${metric}`)!.get()).values;
    return {
      replica: settings.replica,
      state: () => health.report().parts[`projection:${name}`]!,
      metric: async (metric) => (await valuesOf(metric))[0]?.value,
      series: async (metric) => (await valuesOf(metric)).length,
      stop: () => {
        this.workers.delete(worker);
        return worker.stop();
      },
    };
  }

  openPool(app: string, idleInTransactionTimeoutMs = 5_000): Pool {
    const pool = createPool(
      { url: this.postgres.url, app, idleInTransactionTimeoutMs, pipeline: true },
      SILENT,
    );
    this.pools.push(pool);
    return pool;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** Appends a varied history to each of `count` accounts named after `name`, one after another. */
  async happen(name: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const account = `${name}-${n}`;
      const endings = [[], [ignored(2)], [replied(2)], [withdrawn(2)], [sent(2, { supersedes: INVITATION })]];
      await this.begin(account, [
        sent(1, { message: `Hi ${n}` }),
        ...endings[n % 5]!,
        ...declinedBy('chiara', 10),
      ]);
    }
  }

  /** Appends the first events of an account. */
  async begin(account: string, history: readonly InvitationEvent[]): Promise<void> {
    await this.repository.append(
      account,
      undefined,
      history.map((event) => ofAccount(event, account)),
    );
  }

  async appendUnknown(account: string, data: Record<string, string> = {}): Promise<void> {
    await this.client.appendToStream(streamOf(account), jsonEvent({ type: 'InvitationPraised', data }));
  }

  async appendBinary(account: string, data: Uint8Array): Promise<void> {
    await this.client.appendToStream(streamOf(account), binaryEvent({ type: 'InvitationPraised', data }));
  }

  /** Appends invitations of one account, whatever its stream contains. */
  async appendMore(account: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      this.appended += 1;
      await this.append(account, sent(100 + this.appended));
    }
  }

  /** Appends an event of an account, whatever its stream contains. */
  async append(account: string, event: InvitationEvent): Promise<void> {
    await this.client.appendToStream(streamOf(account), encodeEvent(ofAccount(event, account), 0));
  }

  /** Reads the readable events of the log. The last event of each slice also counts if it cannot be read. */
  async log(): Promise<Log> {
    const events: InvitationEvent[] = [];
    const ends = new Map<number, bigint>();
    for await (const { event } of this.client.readAll()) {
      if (event?.streamId.startsWith(STREAM_PREFIX) !== true) continue;
      ends.set(Number.parseInt(event.streamId.slice(STREAM_PREFIX.length), 16), event.position.commit);
      try {
        events.push(decodeInvitationEvent(event));
      } catch (error) {
        if (!(error instanceof UnknownEventError)) throw error;
      }
    }
    return { events, ends };
  }

  /** Returns the checkpoint of the slice of an account. */
  async checkpoint({ name }: { readonly name: string }, account: string): Promise<bigint | undefined> {
    const slices = await readSlices(this.pool, name, await readLiveGeneration(this.pool, name));
    return slices[Number.parseInt(sliceOf(account), 16)]!.position?.commit;
  }

  /** Returns the number of slices of each replica. */
  async owners({ name }: { readonly name: string }): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { owner } of await readSlices(this.pool, name, await readLiveGeneration(this.pool, name))) {
      if (owner !== null) counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  }

  /** Waits until every slice of the projection has reached the end of the log. */
  async untilThere(
    { name }: { readonly name: string },
    log?: Log,
    withinMs = 20_000,
  ): Promise<readonly InvitationEvent[]> {
    const { events, ends } = log ?? (await this.log());
    await until(
      async () => {
        // A worker registers its projection when it starts.
        if (!(await this.isRegistered(name))) return false;
        const slices = await readSlices(this.pool, name, await readLiveGeneration(this.pool, name));
        return [...ends].every(([slice, end]) => (slices[slice]?.position?.commit ?? -1n) >= end);
      },
      withinMs,
      () => `${name} at the end; ${this.warnings.slice(-3).join('')}`,
    );
    return events;
  }

  private async isRegistered(name: string): Promise<boolean> {
    const { rowCount } = await this.pool.query('SELECT FROM read_models.projections WHERE name = $1', [name]);
    return rowCount === 1;
  }

  /** Waits until the projection has reached the end of the log, and returns its rows and the expected rows. */
  async rows<Row extends object>(projection: RowProjection<InvitationEvent, Row>, log?: Log) {
    const events = await this.untilThere(projection, log);
    const columns = Object.keys(projection.table.columns);
    const { rows } = await this.pool.query<Row & Record<string, unknown>>(
      `SELECT ${columns.join(', ')} FROM ${projection.table.name} ORDER BY ${columns[0]!} COLLATE "C"`,
    );
    const folded = rowsAfter(projection, events);
    const expected = [...folded].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return { rows, expected };
  }
}

/** Returns the event as one of another account, whose id starts all ids in it. */
export function ofAccount(event: InvitationEvent, account: string): InvitationEvent {
  return JSON.parse(JSON.stringify(event).replaceAll('"amal', `"${account}`)) as InvitationEvent;
}
