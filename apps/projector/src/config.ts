import { Transform, Type } from 'class-transformer';
import { ArrayNotEmpty, IsIn, IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { IsDuration } from '#libs/platform';
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

  /** For health and metrics; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8082;
}
