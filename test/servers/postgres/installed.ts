import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the service promises to run on. */
export const LEAST_POSTGRES = 15;

/** Where Debian and its kin keep every version beside the others. */
const VERSIONS = '/usr/lib/postgresql';

/**
 * The PostgreSQL that is installed on this machine, the directory above its `bin`: POSTGRES_HOME or, without that, the
 * newest of those below /usr/lib/postgresql.
 * @returns undefined when there is none from version 15 on
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
