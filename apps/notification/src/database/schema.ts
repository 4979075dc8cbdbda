import type { Migrations } from '#libs/platform';

/** The tables of this app: no other app reads or writes them. */
export const notificationMigrations: Migrations = {
  directories: [new URL('../../migrations', import.meta.url)],
  schema: 'notification',
};
