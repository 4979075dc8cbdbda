import { hostname } from 'node:os';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { durationMs, IsDuration } from '#libs/platform';

/** The environment of the api. */
export class ApiConfig {
  /** 0 for a free one. */
  @Type(() => Number)
  @IsInt({ message: '$property must be a port' })
  @Min(0)
  @Max(65_535)
  PORT: number = 3000;

  @IsString()
  HOST: string = '0.0.0.0';

  /** `host:port`, comma separated. */
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  /** Where members reach this app, without a path: the origin of its own forms, and of the way back from signing in. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  PUBLIC_URL: string;

  @IsString()
  @IsNotEmpty()
  AUTH_ISSUER: string;

  @IsString()
  @IsNotEmpty()
  AUTH_AUDIENCE: string;

  /** The issuer's JSON Web Key Set: an http(s) URL, a file URL or a path. */
  @IsString()
  @IsNotEmpty()
  AUTH_JWKS: string;

  /** `keyId:base64url-secret`, comma separated, the same as the notification app has. Unset, no e-mail link is good. */
  @IsOptional()
  @IsString()
  LINK_KEYS?: string;

  /** Names this instance's topic of outcomes: unique among instances, and the same again after a restart. */
  @Matches(/^[A-Za-z0-9._-]{1,100}$/, { message: '$property must be letters, digits, dots, dashes' })
  INSTANCE_ID: string = hostname();

  /** How long a request waits for its command's outcome. */
  @IsDuration()
  COMMAND_TIMEOUT: number = durationMs('PT5S');

  /** Where the pages send who is not signed in, with `return`, the address to come back to. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  SIGN_IN_URL?: string;

  /** The notification app, which keeps the e-mail preferences. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  NOTIFICATION_URL?: string;
}
