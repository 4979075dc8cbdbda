import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT } from '../paths.js';

/** The migration jobs, run as a deployment runs them: as processes, before the apps. */
const JOBS = ['libs/read-models/src/migrate.main.js', 'apps/notification/src/migrate.main.js'];

/** @throws when one of them fails; it has said why */
export async function runMigrations(databaseUrl: string): Promise<void> {
  await Promise.all(
    JOBS.map(async (job) => {
      const child = fork(join(PROJECT, 'dist', job), [], {
        env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' },
        stdio: 'inherit',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`migration ${job} failed`);
    }),
  );
}
