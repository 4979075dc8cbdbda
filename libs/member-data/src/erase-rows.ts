import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import type { MemberTable } from './member-table.js';
import { findStoredTables, GIVEN, givenParameters, type GivenMember } from './member-tables.js';

/** Rows that were deleted, and texts that became null. */
export interface RowChanges {
  readonly deleted: number;
  readonly cleared: number;
}

/** Own rows of a member, and texts by the member in rows of others. */
export interface RowCounts {
  readonly owned: number;
  readonly texts: number;
}

/**
 * Tables whose writers look for the record of an erasure in the statement that writes, or after they have locked the table: the
 * workers of all read models lock their slices first.
 */
const TABLES_OF_WRITERS = [
  'read_models.slices',
  'read_models.members',
  'notification.members',
  'notification.connections',
  'notification.deliveries',
  'notification.email_preferences',
];

/**
 * Waits until every transaction has ended that may have missed the record of an erasure. Later ones find it, so that no row of the
 * member is written again. Each table is locked for a moment, and alone, so that no lock waits for another one.
 */
export async function waitForWriters(pool: Pool): Promise<void> {
  for (const table of TABLES_OF_WRITERS)
    await inTransaction(pool, (tx) => tx.query(`LOCK TABLE ${table} IN SHARE MODE`));
}

const RETRY_MS = 100;
const MAX_RETRIES = 600;

/**
 * Deletes the member's own rows of a table, in all its generations, and clears the member's texts in rows of others. It waits for no
 * row that another transaction has locked, and asks again for those, so that it deadlocks with nobody.
 */
export async function eraseRows(db: Queryable, table: MemberTable, member: GivenMember): Promise<RowChanges> {
  let [deleted, cleared] = [0, 0];
  for (const stored of await findStoredTables(db, table)) {
    const rows = new StoredRows(db, stored, table.name, member);
    if (table.owned !== undefined) deleted += await rows.untilNoneIsLeft('DELETE FROM', '', table.owned);
    for (const { column, writtenBy, alsoSet } of table.texts ?? []) {
      const changes = `SET ${[`${column} = NULL`, ...(alsoSet === undefined ? [] : [alsoSet])].join(', ')}`;
      cleared += await rows.untilNoneIsLeft('UPDATE', changes, `${column} IS NOT NULL AND ${writtenBy}`);
    }
  }
  return { deleted, cleared };
}

/** Counts what `eraseRows` would delete and clear. */
export async function countRows(db: Queryable, table: MemberTable, member: GivenMember): Promise<RowCounts> {
  let [owned, texts] = [0, 0];
  for (const stored of await findStoredTables(db, table)) {
    const rows = new StoredRows(db, stored, table.name, member);
    if (table.owned !== undefined) owned += await rows.count(table.owned);
    for (const { column, writtenBy } of table.texts ?? [])
      texts += await rows.count(`${column} IS NOT NULL AND ${writtenBy}`);
  }
  return { owned, texts };
}

/** The rows of one stored table. Conditions may name the table as if it were the read model's view. */
class StoredRows {
  private readonly alias: string;

  constructor(
    private readonly db: Queryable,
    private readonly stored: string,
    name: string,
    private readonly member: GivenMember,
  ) {
    this.alias = name.split('.')[1]!;
  }

  async count(condition: string): Promise<number> {
    const { rows } = await this.db.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM ${this.stored} AS ${this.alias}, ${GIVEN} WHERE ${condition}`,
      givenParameters(this.member),
    );
    return rows[0]!.count;
  }

  async untilNoneIsLeft(verb: string, changes: string, condition: string): Promise<number> {
    const { stored, alias } = this;
    let changed = 0;
    for (let retries = 0; ; retries += 1) {
      const { rowCount } = await this.db.query(
        `${verb} ${stored} AS ${alias} ${changes} WHERE ctid = ANY(ARRAY(
           SELECT ${alias}.ctid FROM ${stored} AS ${alias}, ${GIVEN} WHERE ${condition} FOR UPDATE OF ${alias} SKIP LOCKED))`,
        givenParameters(this.member),
      );
      changed += rowCount ?? 0;
      if ((await this.count(condition)) === 0) return changed;
      if (retries === MAX_RETRIES) throw new Error(`rows of ${stored} are still locked: run it again`);
      await sleep(RETRY_MS);
    }
  }
}
