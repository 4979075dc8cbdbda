import 'reflect-metadata';
import { IsNotEmpty, IsString } from 'class-validator';
import { createLogger, createPool, loadConfig, migrate } from '#libs/platform';
import { readModelMigrations } from './migrations.js';

class MigrationConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}

const logger = createLogger('migrate-read-models');
try {
  const pool = createPool({ url: loadConfig(MigrationConfig).DATABASE_URL, app: 'migrate', max: 1 }, logger);
  await migrate(pool, readModelMigrations, logger);
  await pool.end();
  logger.info('read models are up to date');
} catch (error) {
  logger.fatal({ err: error }, 'migration failed, nothing was changed');
  process.exitCode = 1;
}
