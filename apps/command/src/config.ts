import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { DEFAULT_POLICY, type Policy } from '#libs/invitation';
import { IsDuration, IsDurations } from '#libs/platform';

/** The command app's environment. */
export class CommandConfig {
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsString()
  @IsNotEmpty()
  EVENTSTORE_URL: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  /** For health and metrics; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8081;

  /** Kafka consumer group. */
  @IsString()
  COMMAND_GROUP = 'command';

  /** How long the partitions of a killed process stand still before another takes them over. */
  @IsDuration()
  KAFKA_SESSION_TIMEOUT = 10_000;

  /** Memory for the states of accounts, in MiB. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  ACCOUNT_CACHE_MIB = 16;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  INVITATION_LIMIT = DEFAULT_POLICY.invitationLimit;

  /** 0: off. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  RESTRICT_AFTER_DECLINES = DEFAULT_POLICY.restrictAfterDeclines;

  @IsDuration()
  FOLLOW_UP_INTERVAL = DEFAULT_POLICY.followUpIntervalMs;

  /** When reminders are due after sending, comma separated; `none` for none. */
  @IsDurations()
  REMINDERS: readonly number[] = DEFAULT_POLICY.remindersMs;

  @IsDuration()
  REMINDER_VALIDITY = DEFAULT_POLICY.reminderValidityMs;
}

export const policyOf = (config: CommandConfig): Policy => ({
  invitationLimit: config.INVITATION_LIMIT,
  restrictAfterDeclines: config.RESTRICT_AFTER_DECLINES,
  followUpIntervalMs: config.FOLLOW_UP_INTERVAL,
  remindersMs: config.REMINDERS,
  reminderValidityMs: config.REMINDER_VALIDITY,
});
