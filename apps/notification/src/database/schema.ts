import type { Migrations, Pool } from '#libs/platform';

/** The tables of this app: no other app reads or writes them. */
export const notificationMigrations: Migrations = {
  directories: [new URL('../../migrations', import.meta.url)],
  schema: 'notification',
};

/**
 * Migrating is a deployment step of its own: several instances that start at the same time would block each other.
 * @throws where the newest table is missing
 */
export async function assertSchemaIsCurrent(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ newestTable: string | null }>(
    `SELECT to_regclass('notification.recent_refusals') AS "newestTable"`,
  );
  if (rows[0]?.newestTable == null) {
    throw new Error('the schema notification is not up to date: run migrate.main of this app first');
  }
}
