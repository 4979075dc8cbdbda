import { Transform, Type } from 'class-transformer';
import { ArrayNotEmpty, IsIn, IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
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

  /** For health and metrics; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8082;
}
