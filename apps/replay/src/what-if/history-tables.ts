import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { InvitationEvent } from '#libs/invitation';
import { TemporaryFolder } from '../output/temporary-folder.js';
import { openInstance, useFile } from '../sql/file-tables.js';
import { RowAppender } from '../sql/row-appender.js';
import type { Difference } from './difference.js';

/** The default memory limit. */
export const SIMULATION_MEMORY = '48MB';

/** The events are read once, so compressing their texts for longer does not pay: without it, a seventh of the CPU time is saved. */
const SLOW_COMPRESSION = 'dict_fsst,fsst,zstd';

/** About how many events are sorted at a time. Sorting all at once takes more memory the longer the log is. */
const EVENTS_AT_A_TIME = 20_000;

/** `ordinal` is the place of an event in the log, or that of the event after which a difference is certain. */
const TABLES = `
CREATE TABLE events (account_id VARCHAR, ordinal INTEGER, through VARCHAR, event VARCHAR);
CREATE TABLE never_accepted (account_id VARCHAR, invitation_id VARCHAR, ordinal INTEGER);
CREATE TABLE never_accepted_now (account_id VARCHAR, invitation_id VARCHAR, ordinal INTEGER);
CREATE TABLE affected (account_id VARCHAR);
CREATE TABLE differences (account_id VARCHAR, ordinal INTEGER, nth INTEGER, kind VARCHAR, happened_at VARCHAR, event_type VARCHAR, invitation_id VARCHAR, code VARCHAR);`;

/**
 * The events of a part of the accounts, account by account. A connection is void if its invitation would not have been accepted
 * before it.
 */
const eventsOf = (accounts: 'all' | 'affected', part: number, parts: number) => `
WITH selected AS (
  FROM events WHERE hash(account_id) % ${parts} = ${part} ${accounts === 'all' ? '' : 'AND account_id IN (FROM affected)'}
)
SELECT account_id, selected.ordinal, event, coalesce(void.ordinal < selected.ordinal, false) AS is_void
FROM selected LEFT JOIN (
  SELECT invitation_id, min(ordinal) AS ordinal FROM never_accepted
  WHERE invitation_id IN (SELECT through FROM selected) GROUP BY invitation_id
) AS void ON through = void.invitation_id
ORDER BY account_id, selected.ordinal`;

/** Replaces what is known of the affected accounts, and finds the accounts of connections of which that changes something. */
const FIND_AFFECTED = `
CREATE OR REPLACE TEMP TABLE changed AS
  WITH before AS (SELECT invitation_id, ordinal FROM never_accepted WHERE account_id IN (FROM affected)),
    now AS (SELECT invitation_id, ordinal FROM never_accepted_now)
  SELECT invitation_id FROM (FROM before EXCEPT FROM now) UNION SELECT invitation_id FROM (FROM now EXCEPT FROM before);
DELETE FROM never_accepted WHERE account_id IN (FROM affected);
INSERT INTO never_accepted FROM never_accepted_now;
CREATE OR REPLACE TABLE never_accepted_now AS FROM never_accepted LIMIT 0;
CREATE OR REPLACE TABLE affected AS
  SELECT DISTINCT account_id FROM events WHERE through IN (FROM changed);
DELETE FROM differences WHERE account_id IN (FROM affected)`;

export interface AccountEvent {
  readonly accountId: string;
  readonly ordinal: number;
  readonly event: InvitationEvent;
  /** The event records a connection by an invitation that would not have been accepted. */
  readonly isVoid: boolean;
}

/** Receives what a round finds. */
export interface Findings {
  addDifference(difference: Difference, ordinal: number): void;
  /** Adds an invitation whose acceptance would not have happened. */
  addNeverAccepted(accountId: string, invitationId: string, ordinal: number): void;
}

/** The events and the differences of a simulation in a temporary file, so that its memory does not grow with the log. */
export class HistoryTables {
  private eventCount = 0;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly folder: TemporaryFolder,
    private readonly events: RowAppender,
    private readonly eventsAtATime: number,
  ) {}

  /** @param memory the memory limit in DuckDB's notation: `128MB` */
  static async open(memory: string, eventsAtATime = EVENTS_AT_A_TIME): Promise<HistoryTables> {
    const folder = new TemporaryFolder();
    try {
      const instance = await openInstance(join(folder.path, 'spill'), memory);
      const connection = await instance.connect();
      const file = join(folder.path, 'history.duckdb');
      await useFile(connection, file);
      // Without a name, nothing of it is left when the process is killed.
      rmSync(file);
      await connection.run(`SET disabled_compression_methods = '${SLOW_COMPRESSION}'`);
      await connection.run(TABLES);
      const events = await RowAppender.open(connection, 'events', [VARCHAR, INTEGER, VARCHAR, VARCHAR]);
      return new HistoryTables(instance, connection, folder, events, eventsAtATime);
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  addEvent(accountId: string, ordinal: number, event: InvitationEvent): void {
    this.eventCount += 1;
    const through = event.type === 'ConnectionRecorded' ? event.through : null;
    this.events.append([accountId, ordinal, through, JSON.stringify(event)]);
  }

  /** Makes the events visible. Call it after the last event. */
  closeEvents(): void {
    this.events.close();
  }

  /** Reads the events of all or of the affected accounts, account by account and each in the order of the log. */
  async *eventsOf(accounts: 'all' | 'affected'): AsyncGenerator<AccountEvent, void, void> {
    const parts = Math.ceil(this.eventCount / this.eventsAtATime);
    for (let part = 0; part < parts; part += 1)
      for await (const [accountId, ordinal, event, isVoid] of this.rows(eventsOf(accounts, part, parts)))
        yield {
          accountId: accountId as string,
          ordinal: ordinal as number,
          event: JSON.parse(event as string) as InvitationEvent,
          isVoid: isVoid as boolean,
        };
  }

  /** Stores what `find` finds in the accounts of a round. @returns the number of accounts that it affects, which the next round must do */
  async store(find: (findings: Findings) => Promise<void>): Promise<number> {
    // The rows of the round are read from the first connection meanwhile.
    const connection = await this.instance.connect();
    try {
      await connection.run('USE replay');
      const texts = [VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR];
      const differences = await RowAppender.open(connection, 'differences', [
        VARCHAR,
        INTEGER,
        INTEGER,
        ...texts,
      ]);
      const neverAccepted = await RowAppender.open(connection, 'never_accepted_now', [
        VARCHAR,
        VARCHAR,
        INTEGER,
      ]);
      let nth = 0;
      try {
        await find({
          addDifference({ accountId, kind, at, type, invitationId = null, code = null }, ordinal) {
            differences.append([accountId, ordinal, (nth += 1), kind, at, type, invitationId, code]);
          },
          addNeverAccepted: (...row) => neverAccepted.append(row),
        });
      } finally {
        differences.close();
        neverAccepted.close();
      }
    } finally {
      connection.closeSync();
    }
    await this.connection.run(FIND_AFFECTED);
    const read = await this.connection.runAndReadAll('SELECT count(*)::INTEGER FROM affected');
    return read.getRows()[0]![0] as number;
  }

  /** Runs a query over `differences`. */
  async *rows(sql: string): AsyncGenerator<readonly DuckDBValue[], void, void> {
    const result = await this.connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield* chunk.getRows();
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    this.folder.close();
  }
}
