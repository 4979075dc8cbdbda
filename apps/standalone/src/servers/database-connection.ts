import {
  loadConfig,
  NoConfig,
  postgresConnection,
  WithPostgres,
  type PostgresConnection,
} from '#libs/platform';

class DatabaseConfig extends WithPostgres(NoConfig) {}

/** How to connect to an external database. The embedded one has neither TLS nor passwords. */
export const DATABASE_VARIABLES = [
  'DATABASE_PASSWORD_FILE',
  'DATABASE_CA_FILE',
  'DATABASE_CERT_FILE',
  'DATABASE_KEY_FILE',
] as const;

/** How to connect to the database of this service: to an external one as the environment says. */
export const databaseConnection = (url: string, env: NodeJS.ProcessEnv = process.env): PostgresConnection =>
  env['DATABASE_URL'] ? postgresConnection(loadConfig(DatabaseConfig, env)) : { url };

/** The variables of DATABASE_VARIABLES for a process that uses the database of this service. */
export const databaseVariables = (env: NodeJS.ProcessEnv = process.env): Record<string, string> =>
  env['DATABASE_URL']
    ? Object.fromEntries(DATABASE_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
    : {};
