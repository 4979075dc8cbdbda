import 'reflect-metadata';
import { createTool, runTool } from '#libs/cli';
import { migrateDatabase } from '#libs/platform';
import { readModelMigrations } from './migrations.js';

const NAME = 'migrate-read-models';

const program = createTool(
  NAME,
  'Brings the schema read_models up to date. Run it before a new version of the apps starts. Needs DATABASE_URL.',
).action(() => migrateDatabase(NAME, readModelMigrations, 'read models are up to date'));

await runTool(program);
