import { IsNotEmpty, IsString } from 'class-validator';

/** All that replay needs, but for `verify`. The credentials in it are its own, and may read only. */
export class ReplayConfig {
  @IsString()
  @IsNotEmpty()
  EVENTSTORE_URL: string;
}

/** For `verify`: a user who may read the read models, and nothing else. */
export class VerifyConfig extends ReplayConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}
