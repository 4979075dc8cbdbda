import { Transform } from 'class-transformer';
import { ArrayNotEmpty, IsIn, Max, Min } from 'class-validator';
import { WithEventStore } from '#libs/event-store';
import { WithKafka, WithTopics } from '#libs/kafka';
import { IsDuration, WithHealthPort, WithPostgres } from '#libs/platform';
import { ReminderPolicyConfig } from '#libs/policy';
import { WORKERS, type WorkerName } from './workers.js';

/** The environment variables of the projector. */
export class ProjectorConfig extends WithEventStore(
  WithPostgres(WithTopics(WithKafka(WithHealthPort(ReminderPolicyConfig, 8082)))),
) {
  /** The workers that this process runs, comma separated. */
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value,
  )
  @ArrayNotEmpty()
  @IsIn(WORKERS, { each: true, message: `WORKERS must name some of ${WORKERS.join(', ')}` })
  WORKERS: WorkerName[] = [...WORKERS];

  /** A replica without a heartbeat for this long loses its slices. Also the limit for idle transactions of a replica. */
  @IsDuration()
  @Min(1000, { message: 'LEASE_TTL must be at least PT1S' })
  LEASE_TTL = 5_000;

  /** Time between two polls for due reminders. */
  @IsDuration()
  @Min(10, { message: 'REMINDER_POLL must be at least PT0.01S' })
  @Max(3_600_000, { message: 'REMINDER_POLL must be at most PT1H' })
  REMINDER_POLL = 1_000;

  /** Time until a reminder whose command had no effect is issued again; doubled with each attempt, up to an hour. */
  @IsDuration()
  @Min(100, { message: 'REMINDER_RETRY must be at least PT0.1S' })
  REMINDER_RETRY = 30_000;

  /** Time between two sweeps: each reads the whole topic of profiles and removes members that it no longer holds. */
  @IsDuration()
  @Min(1000, { message: 'MEMBERS_SWEEP_INTERVAL must be at least PT1S' })
  MEMBERS_SWEEP_INTERVAL = 86_400_000;
}
