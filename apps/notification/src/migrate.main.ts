import 'reflect-metadata';
import { createTool, runTool } from '#libs/cli';
import { migrateDatabase } from '#libs/platform';
import { notificationMigrations } from './database/schema.js';

const NAME = 'migrate-notification';

const program = createTool(
  NAME,
  'Brings the schema notification up to date. Run it before a new version of the app starts. Needs DATABASE_URL.',
).action(() => migrateDatabase(NAME, notificationMigrations, 'the schema notification is up to date'));

await runTool(program);
