import { IsNotEmpty, IsString } from 'class-validator';
import { WithEventStore } from '#libs/event-store/read-only';
import { NoConfig, WithPostgres } from '#libs/platform';

/** What a user types before the arguments; help texts begin with it. */
export const TOOL = 'npm run replay --';

/** The environment of every command. The user belongs to replay alone and can only read. */
export class ReplayConfig extends WithEventStore(NoConfig) {}

/** In addition, for `verify`: a PostgreSQL user who can read the read models, and nothing else. */
export class VerifyConfig extends WithPostgres(ReplayConfig) {}

/** In addition, for `verify --repair`: the brokers to which the projector's tool publishes. */
export class RepairConfig {
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;
}
