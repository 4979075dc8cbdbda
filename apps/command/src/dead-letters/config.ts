import { IsNotEmpty, IsString } from 'class-validator';

/** What `npm run dead-letters` needs of the command app's environment. */
export class DeadLettersConfig {
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}
