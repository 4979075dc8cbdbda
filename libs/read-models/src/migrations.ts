import { accountStateMigrations } from '#libs/account-state';
import { authorKeyMigrations } from '#libs/author-keys';
import { commandOutcomeMigrations } from '#libs/command-outcomes';
import { commandTopicMigrations } from '#libs/command-topic';
import { operatorActionMigrations } from '#libs/operator-actions';
import type { Migrations } from '#libs/platform';
import { profileMigrations } from '#libs/profiles';
import { rateLimitMigrations } from '#libs/rate-limits';

/**
 * The schema `read_models`, which the apps share. Each library owns the migrations of its tables, but all of them have one
 * sequence of numbers and one history, so that installations of every earlier version upgrade (docs/adr/0014).
 */
export const readModelMigrations: Migrations = {
  directories: [
    new URL('../migrations', import.meta.url),
    accountStateMigrations,
    authorKeyMigrations,
    commandOutcomeMigrations,
    commandTopicMigrations,
    operatorActionMigrations,
    profileMigrations,
    rateLimitMigrations,
  ],
  schema: 'read_models',
};
