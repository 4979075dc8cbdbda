import type { Migrations } from '#libs/platform';

/** The tables of this app alone. */
export const notificationMigrations: Migrations = {
  directory: new URL('../migrations', import.meta.url),
  schema: 'notification',
};
