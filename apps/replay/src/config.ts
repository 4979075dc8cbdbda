import { WithTextKeys } from '#libs/author-keys/read-only';
import { WithEventStore } from '#libs/event-store/read-only';
import { NoConfig, WithBrokers, WithPostgres } from '#libs/platform';

/** What a user types before the arguments; help texts begin with it. */
export const TOOL = 'npm run replay --';

/** The environment of every command. The user belongs to replay alone and can only read. */
export class ReplayConfig extends WithEventStore(NoConfig) {}

/** In addition, to decrypt members' texts: the database with the keys of their authors, and the keys that wrap those. */
export class TextsConfig extends WithTextKeys(WithPostgres(NoConfig)) {}

/** In addition, for `verify`: a PostgreSQL user who can read the read models, and nothing else. */
export class VerifyConfig extends WithPostgres(ReplayConfig) {}

/** In addition, for `verify --repair`: the brokers to which the projector's tool publishes. */
export class RepairConfig extends WithBrokers(NoConfig) {}
