import { hostname } from 'node:os';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { durationMs, IsDuration } from '#libs/platform';
import { IsOrigins } from './http/is-origins.js';
import { IsTrustedProxies } from './http/is-trusted-proxies.js';
import type { Rate } from './limits/bucket.js';
import { IsRate } from './limits/rate.js';

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

  /** A request that waits longer for a statement is answered with 503. */
  @IsDuration()
  DATABASE_TIMEOUT: number = durationMs('PT3S');

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

  /** A request that waits longer for it is answered with 503. */
  @IsDuration()
  NOTIFICATION_TIMEOUT: number = durationMs('PT2S');

  /** The proxies whose `X-Forwarded-For` is believed, as addresses and networks. Unset, nobody's is. */
  @IsOptional()
  @IsTrustedProxies()
  TRUST_PROXY?: string;

  /** Whose web pages may call the API. */
  @IsOrigins()
  CORS_ORIGINS: readonly string[] = [];

  /** Requests from one address to this instance. Many members may share one. */
  @IsRate()
  RATE_ADDRESS: Rate | undefined = { count: 1_200, periodMs: durationMs('PT1M') };

  /** Requests of one member to this instance. */
  @IsRate()
  RATE_MEMBER: Rate | undefined = { count: 300, periodMs: durationMs('PT1M') };

  /** Invitations that one member sends. */
  @IsRate()
  RATE_SEND: Rate | undefined = { count: 60, periodMs: durationMs('PT10M') };

  /** Wrong e-mail addresses of one member (D4). */
  @IsRate()
  RATE_WRONG_EMAIL: Rate | undefined = { count: 30, periodMs: durationMs('P1D') };

  /** Wrong e-mail addresses of one member for one recipient (D4). */
  @IsRate()
  RATE_WRONG_EMAIL_RECIPIENT: Rate | undefined = { count: 5, periodMs: durationMs('P1D') };

  /** Presses of buttons behind e-mails' links from one address. Mail services unsubscribe for many from a few. */
  @IsRate()
  RATE_LINK_ADDRESS: Rate | undefined = { count: 300, periodMs: durationMs('PT1M') };

  /** Presses of the button behind one link. */
  @IsRate()
  RATE_LINK: Rate | undefined = { count: 20, periodMs: durationMs('PT1M') };
}
