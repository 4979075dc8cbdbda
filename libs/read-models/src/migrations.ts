import type { Migrations } from '#libs/platform';

/** The tables that command app, projector workers and api share. */
export const readModelMigrations: Migrations = {
  directory: new URL('../migrations', import.meta.url),
  schema: 'read_models',
};
