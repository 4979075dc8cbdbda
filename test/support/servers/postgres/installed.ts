import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The lowest version that the service supports. */
export const LEAST_POSTGRES = 15;

/** The folder in which Debian installs all versions. */
const VERSIONS = '/usr/lib/postgresql';

/**
 * Returns the directory above `bin` of the installed PostgreSQL: POSTGRES_HOME, or the newest version below
 * /usr/lib/postgresql.
 * @returns undefined without a version from 15 on
 */
export function installedPostgres(env = process.env, versions = VERSIONS): string | undefined {
  const chosen = env['POSTGRES_HOME'];
  if (chosen) return chosen;
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .map(Number)
    .filter((version) => version >= LEAST_POSTGRES)
    .toSorted((a, b) => b - a)
    .map((version) => join(versions, String(version)))
    .find((home) => existsSync(join(home, 'bin', 'initdb')));
}
