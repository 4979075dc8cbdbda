import { Transform, Type } from 'class-transformer';
import { ArrayNotEmpty, IsIn, IsInt, Min } from 'class-validator';
import { WithTextKeys } from '#libs/author-keys';
import { WithEventStore } from '#libs/event-store';
import { WithKafka, WithTopics } from '#libs/kafka';
import { IsDuration, LONGEST_TIMEOUT, WithHealthPort, WithPostgres } from '#libs/platform';
import { TimedPolicyConfig } from '#libs/policy';
import { WORKERS, type WorkerName } from './workers.js';

/** The environment variables of the projector. */
export class ProjectorConfig extends WithEventStore(
  WithTextKeys(WithPostgres(WithTopics(WithKafka(WithHealthPort(TimedPolicyConfig, 8082))))),
) {
  /** The workers that this process runs, comma separated. */
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value,
  )
  @ArrayNotEmpty()
  @IsIn(WORKERS, { each: true, message: `WORKERS must name some of ${WORKERS.join(', ')}` })
  WORKERS: WorkerName[] = [...WORKERS];

  /** A replica without a heartbeat for this long loses its slices. Also the limit for idle transactions of a replica. */
  @IsDuration({ atLeast: 'PT1S', atMost: LONGEST_TIMEOUT })
  LEASE_TTL = 5_000;

  /** Time between two polls for due reminders, and for invitations that are to expire. */
  @IsDuration({ atLeast: 'PT0.01S', atMost: 'PT1H' })
  REMINDER_POLL = 1_000;

  /** Time until a reminder, or an expiry, whose command had no effect is issued again; doubled with each attempt, up to an hour. */
  @IsDuration({ atLeast: 'PT0.1S' })
  REMINDER_RETRY = 30_000;

  /** Commands for invitations that are to expire which all replicas together issue in a second. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  EXPIRY_RATE = 50;

  /** Time between two sweeps: each reads the whole topic of profiles and removes members that it no longer holds. */
  @IsDuration({ atLeast: 'PT1S' })
  MEMBERS_SWEEP_INTERVAL = 86_400_000;
}
