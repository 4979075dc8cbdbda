import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { IsDuration } from '#libs/platform';
import { PolicyConfig } from '#libs/policy';

/** The environment variables of the command app. */
export class CommandConfig extends PolicyConfig {
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsString()
  @IsNotEmpty()
  EVENTSTORE_URL: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  /** The address for health and metrics; `::` for all addresses of IPv6 and IPv4. */
  @IsString()
  HOST: string = '0.0.0.0';

  /** For health and metrics; 0 for any free port. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8081;

  /** Kafka consumer group. */
  @IsString()
  COMMAND_GROUP = 'command';

  /** Time before another process takes over the partitions of a killed one. */
  @IsDuration()
  KAFKA_SESSION_TIMEOUT = 10_000;

  /** Memory for cached accounts, in MiB. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  ACCOUNT_CACHE_MIB = 16;
}
