import { createHash, createHmac, randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DuckDBInstance, version as duckDbVersion, type DuckDBConnection } from '@duckdb/node-api';
import type { RawEvent } from '#libs/event-store/read-only';
import { currentVersion, STORED_TYPES } from '#libs/invitation';
import type { DecodedEvent } from '../events/event-columns.js';
import type { LogProgress, LogReader } from '../log/log-reader.js';
import { toPosition } from '../log/point-in-time.js';
import type { Selection } from '../log/selection.js';
import { syncFile } from '../output/atomic-file.js';
import { toSqlLiteral } from '../output/sql-literal.js';
import { EVENT_COLUMNS_SQL, EventAppender } from './event-appender.js';
import { openInstance, ROWS_PER_GROUP, useFile } from './file-tables.js';
import { foldInvitations, INVITATIONS_QUERY } from './folded-tables.js';

/** Raise it when events are decoded or folded differently although nothing of `FOLD` has changed. */
const FOLD_VERSION = 2;

/** What the content of a cache file depends on, beside the log. */
const FOLD = [
  FOLD_VERSION,
  duckDbVersion(),
  EVENT_COLUMNS_SQL,
  INVITATIONS_QUERY,
  ROWS_PER_GROUP,
  STORED_TYPES.map((type) => `${type} ${currentVersion(type)}`),
];

/** What a killed writer left is removed after this time. */
const ABANDONED_MS = 60 * 60_000;

export interface CacheRequest {
  readonly directory: string;
  readonly selection: Selection;
  /** Replaces the ids of members. */
  readonly disguise?: ((event: DecodedEvent) => DecodedEvent) | undefined;
  /** The key of the disguise, of which only a keyed hash is used. */
  readonly disguiseKey?: string | undefined;
  readonly now: Date;
}

/**
 * Brings the cached tables of a log up to date. A file belongs to one log, selection and version of the fold, and is replaced
 * as a whole, so neither a killed nor a concurrent writer can damage it.
 * @returns the database file with the tables, or undefined if the log is empty
 */
export async function refreshFoldCache(
  log: LogReader,
  request: CacheRequest,
  progress: LogProgress,
): Promise<string | undefined> {
  // A cache outlives the keys of erased authors, so it holds no text that was encrypted.
  log.texts.leaveEncrypted();
  const first = await log.readFirst();
  if (first === undefined) return undefined;
  const directory = resolve(request.directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeAbandoned(directory, request.now);
  const file = join(directory, `${keyOf(`${first.id} ${first.position.commit}`, request)}.duckdb`);
  const cached = await readUsableState(log, file);
  const after = cached === undefined ? request.selection.after : toPosition(cached.position);
  const update = new CacheUpdate(file, cached, request);
  try {
    for await (const events of log.readBatches({ ...request.selection, after }, progress))
      await update.append(log, events);
    if (cached === undefined && !update.hasBegun) return undefined;
    if (update.hasBegun) await update.finish(log);
  } finally {
    await update.discard();
  }
  if (cached !== undefined) log.unreadable.add(cached.unreadable, cached.named);
  return file;
}

/** How far a cache file is. */
interface CacheState {
  /** Everything selected up to this position is in the tables. Text, because it is a 64-bit integer. */
  readonly position: string;
  /** The id of the event at the position, which shows whether the log is still the one that was read. */
  readonly id: string;
  /** The events that could not be decoded, which are missing in the tables. */
  readonly unreadable: number;
  readonly named: readonly string[];
}

function keyOf(identity: string, { selection, disguiseKey }: CacheRequest): string {
  const { types, after, to, ...others } = selection;
  const selected = { ...others, types: types && [...types].toSorted(), after: after?.commit.toString() };
  const parts = [
    identity,
    FOLD,
    { ...selected, to: to?.commit.toString() },
    disguiseKey === undefined ? '' : createHmac('sha256', disguiseKey).update('fold cache').digest('hex'),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** @returns undefined if there is no file, or if it cannot be continued: it is damaged, or the log was restored to an earlier state */
async function readUsableState(log: LogReader, file: string): Promise<CacheState | undefined> {
  const state = await readState(file);
  if (state === undefined) return undefined;
  const there = await log.readAt(toPosition(state.position));
  return there?.id === state.id ? state : undefined;
}

async function readState(file: string): Promise<CacheState | undefined> {
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  try {
    return await withDatabase(file, { access_mode: 'READ_ONLY' }, async (connection) => {
      const read = await connection.runAndReadAll('SELECT state FROM cache_state');
      return JSON.parse(String(read.getRows()[0]![0])) as CacheState;
    });
  } catch {
    return undefined;
  }
}

/** A new version of a cache file, which replaces the present one when it is complete. */
class CacheUpdate {
  private readonly part: string;
  private instance: DuckDBInstance | undefined;
  private connection: DuckDBConnection | undefined;
  private appender: EventAppender | undefined;
  /** The last event in the tables. Not the last entry of the log, which has no id if it is not an event of an account. */
  private last: RawEvent | undefined;

  constructor(
    private readonly file: string,
    private readonly cached: CacheState | undefined,
    private readonly request: CacheRequest,
  ) {
    this.part = `${file}.${randomUUID()}.part`;
  }

  private get spillFolder(): string {
    return `${this.part}.spill`;
  }

  get hasBegun(): boolean {
    return this.appender !== undefined;
  }

  async append(log: LogReader, events: readonly RawEvent[]): Promise<void> {
    this.appender ??= await this.begin();
    this.appender.appendReadable(events, log.unreadable, this.request.disguise);
    this.last = events.at(-1);
  }

  private async begin(): Promise<EventAppender> {
    if (this.cached !== undefined) await copyFile(this.file, this.part);
    this.instance = await openInstance(this.spillFolder);
    this.connection = await this.instance.connect();
    await useFile(this.connection, this.part);
    await this.connection.run("SET TimeZone = 'UTC'");
    if (this.cached === undefined) await this.connection.run(`CREATE TABLE events (${EVENT_COLUMNS_SQL})`);
    return EventAppender.open(this.connection);
  }

  async finish(log: LogReader): Promise<void> {
    const { cached, connection } = this;
    this.appender!.close();
    await foldInvitations(connection!, 'invitations');
    const state: CacheState = {
      position: String(this.last!.position.commit),
      id: this.last!.id,
      unreadable: (cached?.unreadable ?? 0) + log.unreadable.count,
      named: [...(cached?.named ?? []), ...log.unreadable.named],
    };
    await connection!.run(
      `CREATE OR REPLACE TABLE cache_state AS SELECT ${toSqlLiteral(JSON.stringify(state))} AS state`,
    );
    await connection!.run('CHECKPOINT replay');
    this.closeDatabase();
    // The tables contain what members wrote.
    await chmod(this.part, 0o600);
    await syncFile(this.part);
    await rename(this.part, this.file);
  }

  async discard(): Promise<void> {
    this.closeDatabase();
    for (const path of [this.part, `${this.part}.wal`, this.spillFolder])
      await rm(path, { recursive: true, force: true });
  }

  private closeDatabase(): void {
    this.connection?.closeSync();
    this.instance?.closeSync();
    this.connection = this.instance = undefined;
  }
}

async function removeAbandoned(directory: string, now: Date): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^[0-9a-f]{32}\.duckdb\.[0-9a-f-]{36}\.part(\.wal|\.spill)?$/.test(name)) continue;
    const path = join(directory, name);
    const written = await stat(path).catch(() => undefined);
    if (written !== undefined && now.getTime() - written.mtimeMs > ABANDONED_MS)
      await rm(path, { recursive: true, force: true });
  }
}

async function withDatabase<T>(
  path: string,
  options: Readonly<Record<string, string>>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(path, { autoinstall_known_extensions: 'false', ...options });
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
