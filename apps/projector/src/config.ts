import { Transform, Type } from 'class-transformer';
import { ArrayNotEmpty, IsIn, IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';
import { DEFAULT_POLICY } from '#libs/invitation';
import { IsDuration, IsDurations } from '#libs/platform';
import { WORKERS, type WorkerName } from './workers.js';

/** The projector's environment. */
export class ProjectorConfig {
  @IsString()
  @IsNotEmpty()
  EVENTSTORE_URL: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  /** Which workers run in this process, comma separated. */
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value,
  )
  @ArrayNotEmpty()
  @IsIn(WORKERS, { each: true, message: `WORKERS must name some of ${WORKERS.join(', ')}` })
  WORKERS: WorkerName[] = [...WORKERS];

  /** How long slices stay with a replica that is not heard of; also how long a transaction of its may be silent. */
  @IsDuration()
  @Min(1000, { message: 'LEASE_TTL must be at least PT1S' })
  LEASE_TTL = 5_000;

  /** When reminders are due after sending, comma separated; `none` for none. The command app, which decides, has the same. */
  @IsDurations()
  REMINDERS: readonly number[] = DEFAULT_POLICY.remindersMs;

  /** How long a reminder may be late. The same as the command app's. */
  @IsDuration()
  REMINDER_VALIDITY = DEFAULT_POLICY.reminderValidityMs;

  /** How often it is looked for reminders that are due. A timer takes no more than 24 days. */
  @IsDuration()
  @Min(10, { message: 'REMINDER_POLL must be at least PT0.01S' })
  @Max(3_600_000, { message: 'REMINDER_POLL must be at most PT1H' })
  REMINDER_POLL = 1_000;

  /** A reminder of which nothing has come is asked for again after this long, then after twice that, up to an hour. */
  @IsDuration()
  @Min(100, { message: 'REMINDER_RETRY must be at least PT0.1S' })
  REMINDER_RETRY = 30_000;

  /** For health and metrics; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8082;
}
