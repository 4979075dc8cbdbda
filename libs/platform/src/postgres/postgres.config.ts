import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { IsConsistent, isProduction, IsNeededWith, IsOptionalText } from '../config.js';
import type { ConfigClass, NoConfig } from '../config-mixins.js';
import { ConnectionStringError } from './connection-string.js';
import { resolveConnection, type PostgresConnection } from './client.js';

/** The connection to PostgreSQL. All apps and tools have these variables; docs/secure-connections.md explains them. */
export function WithPostgres<Base extends ConfigClass>(base: Base) {
  class PostgresConfig extends base {
    /** `production` rejects settings that are for development only. */
    @IsOptional()
    @IsString()
    NODE_ENV?: string;

    /** `postgres://user@host:port/database`; with `?sslmode=verify-full` for TLS with Node's own authorities. */
    @IsString()
    @IsNotEmpty()
    @IsConsistent(findConnectionProblem)
    DATABASE_URL: string;

    /** The file with the password, instead of one in DATABASE_URL. */
    @IsOptionalText()
    DATABASE_PASSWORD_FILE?: string;

    /** The certificates of the authorities that may have signed the server's certificate. Turns TLS on. */
    @IsOptionalText()
    DATABASE_CA_FILE?: string;

    /** This client's certificate, for a server that asks for one. */
    @IsOptionalText()
    @IsNeededWith('DATABASE_KEY_FILE')
    DATABASE_CERT_FILE?: string;

    /** The private key of the certificate. */
    @IsOptionalText()
    @IsNeededWith('DATABASE_CERT_FILE')
    DATABASE_KEY_FILE?: string;
  }
  return PostgresConfig;
}

export type PostgresConfig = InstanceType<ReturnType<typeof WithPostgres<typeof NoConfig>>>;

/** What `createPool` and `postgresCheck` need of the configuration. */
export const postgresConnection = (config: PostgresConfig): PostgresConnection => ({
  url: config.DATABASE_URL,
  passwordFile: config.DATABASE_PASSWORD_FILE,
  caFile: config.DATABASE_CA_FILE,
  certFile: config.DATABASE_CERT_FILE,
  keyFile: config.DATABASE_KEY_FILE,
});

function findConnectionProblem(config: PostgresConfig): string | undefined {
  if (typeof config.DATABASE_URL !== 'string') return undefined;
  try {
    const { mode } = resolveConnection(postgresConnection(config));
    return mode === 'unverified' && isProduction(config)
      ? 'does not verify the server, which only development allows: use sslmode=verify-full, and DATABASE_CA_FILE for an authority of your own'
      : undefined;
  } catch (error) {
    if (error instanceof ConnectionStringError) return error.message;
    throw error;
  }
}
