import 'reflect-metadata';
import { IsNotEmpty, IsString } from 'class-validator';
import { createLogger, createPool, loadConfig, migrate } from '#libs/platform';
import { notificationMigrations } from './migrations.js';

class MigrationConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}

const logger = createLogger('migrate-notification');
try {
  const pool = createPool({ url: loadConfig(MigrationConfig).DATABASE_URL, app: 'migrate', max: 1 }, logger);
  await migrate(pool, notificationMigrations, logger);
  await pool.end();
  logger.info('the schema notification is up to date');
} catch (error) {
  logger.fatal({ err: error }, 'migration failed, nothing was changed');
  process.exitCode = 1;
}
