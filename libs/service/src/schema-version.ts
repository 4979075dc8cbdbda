import { createPool, type Logger, type PostgresConnection } from '#libs/platform';

/** The number of the last migration of each schema: that which this version needs. The database may be further. */
export const SCHEMA_VERSIONS = { read_models: 27, notification: 7 } as const;

export type SchemaName = keyof typeof SCHEMA_VERSIONS;

/** The table `migrations` does not exist. */
const UNDEFINED_TABLE = '42P01';

/**
 * An app that starts on an older schema would be ready, and then fail with single requests, or park the accounts whose events it
 * cannot write. A database that cannot be asked is not judged: the app waits for it.
 * @throws if a schema is older than this version
 */
export async function assertSchemasAreCurrent(
  connection: PostgresConnection,
  schemas: readonly SchemaName[],
  logger: Logger,
): Promise<void> {
  const pool = createPool(
    { ...connection, app: 'schema-version', max: 1, statementTimeoutMs: 5_000 },
    logger,
  );
  try {
    for (const schema of schemas) {
      const found = await pool
        .query<{ version: number }>(
          `SELECT coalesce(max(version), 0)::integer AS version FROM ${schema}.migrations`,
        )
        .then(
          ({ rows }) => rows[0]!.version,
          (error: { code?: string }) => (error.code === UNDEFINED_TABLE ? 0 : undefined),
        );
      const needed = SCHEMA_VERSIONS[schema];
      if (found !== undefined && found < needed)
        throw new Error(
          `the schema ${schema} is at migration ${found}, and this version needs ${needed}: run the migration job (npm run migrate) ` +
            'before the apps; until then this app does not start, and those of the version before go on',
        );
    }
  } finally {
    await pool.end();
  }
}
