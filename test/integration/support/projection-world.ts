import { jsonEvent, type EventStoreDBClient, type JSONRecordedEvent } from '@eventstore/db-client';
import { pino } from 'pino';
import {
  accountLog,
  AccountRepository,
  connectEventStore,
  fromStored,
  STREAM_PREFIX,
  streamOf,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createPool, Health, migrate, type Pool } from '#libs/platform';
import { ProjectionRunner, readCheckpoint, rowSink, type RowProjection, type Source } from '#libs/projection';
import { readModelMigrations } from '#libs/read-models';
import { postgresUnderTest, type PostgresUnderTest } from '../../support/postgres.js';
import { rowsAfter } from '../../support/rows.js';
import { declinedBy, ignored, INVITATION, replied, sent, withdrawn } from '../../support/story.js';
import { until } from '../../support/until.js';
import { EventStoreUnderControl } from './event-store-under-control.js';
import { SILENT } from './kafka-world.js';

export interface CountRow {
  readonly account: string;
  readonly events: number;
}

/** Counts the events of each account: unlike the real projections it shows an event that was applied twice. */
export const countingProjection = (name: string): RowProjection<InvitationEvent, CountRow> => ({
  name,
  table: { name: `test.${name}`, columns: { account: 'text', events: 'integer' } },
  keysOf: (event) => ['inviterId' in event ? event.inviterId : event.accountId],
  fold: (row, _event, account) => ({ account, events: (row?.events ?? 0) + 1 }),
});

/** An event store and a database, workers between them, and what the log says at last. */
export class ProjectionWorld {
  readonly warnings: string[] = [];
  private readonly runners = new Set<ProjectionRunner<InvitationEvent>>();
  private readonly pools: Pool[] = [];

  private constructor(
    readonly eventStore: EventStoreUnderControl,
    private readonly postgres: PostgresUnderTest,
    readonly client: EventStoreDBClient,
    readonly pool: Pool,
  ) {}

  static async open(): Promise<ProjectionWorld> {
    const [eventStore, postgres] = await Promise.all([EventStoreUnderControl.start(), postgresUnderTest()]);
    const pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
    await migrate(pool, readModelMigrations, SILENT);
    await pool.query('CREATE SCHEMA test');
    return new ProjectionWorld(eventStore, postgres, connectEventStore(eventStore.url), pool);
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.client.dispose();
    for (const pool of [...this.pools, this.pool]) await pool.end();
    await this.postgres.stop();
    await this.eventStore.remove();
  }

  async stopWorkers(): Promise<void> {
    await Promise.all([...this.runners].map((runner) => runner.stop()));
    this.runners.clear();
  }

  async counting(name: string): Promise<RowProjection<InvitationEvent, CountRow>> {
    const projection = countingProjection(name);
    await this.pool.query(`CREATE TABLE ${projection.table.name} (account text PRIMARY KEY, events integer)`);
    return projection;
  }

  /** A worker as the projector app makes it, with a pool and a client of its own unless said otherwise. */
  work<Row extends object>(projection: RowProjection<InvitationEvent, Row>, client = this.client) {
    const health = new Health();
    const pool = createPool({ url: this.postgres.url, app: projection.name }, SILENT);
    this.pools.push(pool);
    const source: Source<InvitationEvent> = async function* (after, signal) {
      for await (const { event, position } of accountLog(client, after, signal)) yield { event, position };
    };
    const logger = pino({ level: 'warn' }, { write: (line: string) => this.warnings.push(line) });
    const runner = new ProjectionRunner(projection.name, source, rowSink(pool, projection), health, logger);
    this.runners.add(runner);
    runner.start();
    return {
      state: () => health.report().parts[`projection:${projection.name}`]!,
      stop: () => {
        this.runners.delete(runner);
        return runner.stop();
      },
    };
  }

  /** Appends a varied history to each of `count` accounts named after `name`, one after the other. */
  async happen(name: string, count: number): Promise<void> {
    const repository = new AccountRepository(this.client, { timeoutMs: 2_000, attempts: 5 });
    for (let n = 0; n < count; n += 1) {
      const account = `${name}-${n}`;
      const endings = [[], [ignored(2)], [replied(2)], [withdrawn(2)], [sent(2, { supersedes: INVITATION })]];
      const history = [sent(1, { message: `Hi ${n}` }), ...endings[n % 5]!, ...declinedBy('chiara', 10)];
      await repository.append(
        account,
        undefined,
        history.map((event) => ofAccount(event, account)),
      );
    }
  }

  async appendUnknown(account: string): Promise<void> {
    await this.client.appendToStream(streamOf(account), jsonEvent({ type: 'InvitationPraised', data: {} }));
  }

  async log(): Promise<{ event: InvitationEvent; commit: bigint }[]> {
    const logged: { event: InvitationEvent; commit: bigint }[] = [];
    for await (const { event } of this.client.readAll()) {
      if (event?.streamId.startsWith(STREAM_PREFIX) !== true) continue;
      logged.push({ event: fromStored(event as JSONRecordedEvent), commit: event.position.commit });
    }
    return logged;
  }

  async checkpoint(projection: { readonly name: string }): Promise<bigint | undefined> {
    return (await readCheckpoint(this.pool, projection.name))?.commit;
  }

  /** Waits until the projection has got to the end of the log; gives its rows, and what they should be. */
  async rows<Row extends object>(projection: RowProjection<InvitationEvent, Row>) {
    const log = await this.log();
    const end = log.at(-1)!.commit;
    const there = async () => ((await this.checkpoint(projection)) ?? 0n) >= end;
    await until(there, 20_000, () => `${projection.name} at the end; ${this.warnings.slice(-3).join('')}`);
    const columns = Object.keys(projection.table.columns);
    const { rows } = await this.pool.query<Row & Record<string, unknown>>(
      `SELECT ${columns.join(', ')} FROM ${projection.table.name} ORDER BY ${columns[0]!} COLLATE "C"`,
    );
    const folded = rowsAfter(
      projection,
      log.map(({ event }) => event),
    );
    const expected = [...folded].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return { rows, expected };
  }
}

/** The event as one of another account: its ids begin with the account's. */
function ofAccount(event: InvitationEvent, account: string): InvitationEvent {
  return JSON.parse(JSON.stringify(event).replaceAll('"amal', `"${account}`)) as InvitationEvent;
}
