import type { Queryable } from '#libs/platform';
import type { MemberTable } from './member-table.js';
import { NOTIFICATION_TABLES } from './notification-tables.js';
import { READ_MODEL_TABLES } from './read-model-tables.js';

/**
 * Every table of the service with what it holds of a member. Erasure, its proof and the export for a member share this list. It is
 * in the order of an erasure: the tables that are searched by address come before those that tell the address.
 */
export const MEMBER_TABLES: readonly MemberTable[] = [...NOTIFICATION_TABLES, ...READ_MODEL_TABLES];

/** The member of the conditions of a table. */
export interface GivenMember {
  readonly id: string;
  /** Canonical addresses. */
  readonly addresses: readonly string[];
}

/** SQL: the row `given` of the conditions, from the first two parameters of a statement. */
export const GIVEN = '(SELECT $1::text AS id, $2::text[] AS addresses) AS given';

export const givenParameters = ({ id, addresses }: GivenMember): unknown[] => [id, addresses];

/** @returns the tables that hold the rows: for a read model, those of all its generations; otherwise the table itself */
export async function findStoredTables(
  db: Queryable,
  { name, isReadModel }: MemberTable,
): Promise<readonly string[]> {
  if (isReadModel !== true) return [name];
  const [schema, table] = name.split('.');
  const { rows } = await db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relname ~ $2
     ORDER BY relname`,
    [schema, `^${table}_g[0-9]+$`],
  );
  return rows.map((row) => `${schema}.${row.name}`);
}

/** @returns the member's own rows of a table; of a read model, those of the generation that is shown */
export async function findOwnedRows(
  db: Queryable,
  { name, owned }: MemberTable,
  member: GivenMember,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (owned === undefined) return [];
  const [, table] = name.split('.');
  const { rows } = await db.query<Record<string, unknown>>(
    `SELECT ${table}.* FROM ${name}, ${GIVEN} WHERE ${owned}`,
    givenParameters(member),
  );
  return rows;
}

/** @returns the addresses that the tables have of a member */
export async function findAddresses(db: Queryable, memberId: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ email: string }>(
    `SELECT email FROM read_models.members WHERE id = $1 AND email <> ''
     UNION SELECT email FROM notification.members WHERE id = $1 AND email <> ''`,
    [memberId],
  );
  return rows.map(({ email }) => email);
}
