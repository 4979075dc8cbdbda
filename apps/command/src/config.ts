import { Type } from 'class-transformer';
import { IsInt, IsString, Min } from 'class-validator';
import { WithTextKeys } from '#libs/author-keys';
import { WithEventStore } from '#libs/event-store';
import { WithKafka, WithTopics } from '#libs/kafka';
import {
  IsDuration,
  IsOptionalSecrets,
  isProduction,
  LONGEST_TIMEOUT,
  parseInternalSecrets,
  WithHealthPort,
  WithPostgres,
} from '#libs/platform';
import { PolicyConfig } from '#libs/policy';

/** The environment variables of the command app. */
export class CommandConfig extends WithTopics(
  WithKafka(WithEventStore(WithTextKeys(WithPostgres(WithHealthPort(PolicyConfig, 8081))))),
) {
  /** Kafka consumer group. */
  @IsString()
  COMMAND_GROUP = 'command';

  /** Time before another process takes over the partitions of a killed one. */
  @IsDuration({ atLeast: 'PT0.1S', atMost: LONGEST_TIMEOUT })
  KAFKA_SESSION_TIMEOUT = 10_000;

  /**
   * Secrets shared with the api, comma separated: commands of operators must be signed with one of them. Without secrets, they are
   * refused in production.
   */
  @IsOptionalSecrets()
  OPERATOR_COMMAND_SECRETS?: string;

  /** Memory for cached accounts, in MiB. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  ACCOUNT_CACHE_MIB = 16;
}

/** @returns undefined in development without secrets: there, commands of operators need no signature */
export const operatorSecretsOf = (config: CommandConfig): readonly string[] | undefined => {
  const { OPERATOR_COMMAND_SECRETS: secrets } = config;
  if (secrets !== undefined) return parseInternalSecrets(secrets);
  return isProduction(config) ? [] : undefined;
};
