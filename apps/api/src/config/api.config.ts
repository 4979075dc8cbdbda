import { hostname } from 'node:os';
import { Type } from 'class-transformer';
import {
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { DEFAULT_POLICY } from '#libs/invitation';
import { WithKafka, WithTopics } from '#libs/kafka';
import {
  IsConsistent,
  IsDuration,
  IsHttpsInProduction,
  IsInternalSecrets,
  IsOptionalSecrets,
  LONGEST_TIMEOUT,
  NoConfig,
  parseDurationMs,
  WithHost,
  WithPostgres,
} from '#libs/platform';
import { IsOrigins, IsRate, IsTrustedProxies, type Rate } from './config-validators.js';

/** The environment variables of the api. */
export class ApiConfig extends WithTopics(WithKafka(WithPostgres(WithHost(NoConfig)))) {
  /** 0 chooses a free port. */
  @Type(() => Number)
  @IsInt({ message: '$property must be a port' })
  @Min(0)
  @Max(65_535)
  PORT: number = 3000;

  /** The certificate of this server, for HTTPS; without it, it speaks HTTP. */
  @IsOptional()
  @IsString()
  @IsConsistent(({ TLS_KEY_FILE }: ApiConfig) =>
    TLS_KEY_FILE === undefined ? 'needs TLS_KEY_FILE' : undefined,
  )
  TLS_CERT_FILE?: string;

  /** The private key of the certificate. */
  @IsOptional()
  @IsString()
  @IsConsistent(({ TLS_CERT_FILE }: ApiConfig) =>
    TLS_CERT_FILE === undefined ? 'needs TLS_CERT_FILE' : undefined,
  )
  TLS_KEY_FILE?: string;

  /** A request whose SQL statement takes longer is answered with 503. */
  @IsDuration({ atLeast: 'PT0.001S', atMost: LONGEST_TIMEOUT })
  DATABASE_TIMEOUT: number = parseDurationMs('PT3S');

  /**
   * The URL at which members reach this app, without a path. It is the origin of the pages' forms and of the return
   * address after signing in.
   */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  @IsHttpsInProduction()
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

  /**
   * `keyId:base64url-secret`, comma separated, the same as in the notification app. When it is unset, every link of
   * an e-mail is rejected.
   */
  @IsOptional()
  @IsString()
  LINK_KEYS?: string;

  /** Names this instance's reply topic: unique among instances, and the same after a restart. */
  @Matches(/^[A-Za-z0-9._-]{1,100}$/, { message: '$property must be letters, digits, dots, dashes' })
  INSTANCE_ID: string = hostname();

  /** How long a request waits for the outcome of its command. */
  @IsDuration({ atMost: LONGEST_TIMEOUT })
  COMMAND_TIMEOUT: number = parseDurationMs('PT5S');

  /** The page to which members are sent to sign in, with the query parameter `return`, the address to come back to. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  @IsHttpsInProduction()
  SIGN_IN_URL?: string;

  /** The name of the network, on every page. */
  @IsOptional()
  @IsString()
  @MaxLength(60)
  NETWORK_NAME?: string;

  /** The network's logo beside its name on every page, which the browser then loads from there. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true, disallow_auth: true })
  @IsHttpsInProduction()
  NETWORK_LOGO_URL?: string;

  /** Invitations that an account can send in total, as in the command app. Pages tell a member who has reached it, without the number. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  INVITATION_LIMIT = DEFAULT_POLICY.invitationLimit;

  /** Where members get help: a page, or a mailto URL. */
  @IsOptional()
  @Matches(/^(?:https?:\/\/|mailto:)[^\s<>"]+$/i, { message: '$property must be a web or mailto URL' })
  SUPPORT_URL?: string;

  /** The notification app, which stores the e-mail preferences. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  NOTIFICATION_URL?: string;

  /** The authorities that may have signed the certificate of NOTIFICATION_URL; by default those that Node trusts. */
  @IsOptional()
  @IsString()
  @IsConsistent(({ NOTIFICATION_URL }: ApiConfig) =>
    NOTIFICATION_URL?.toLowerCase().startsWith('https:') ? undefined : 'needs an https NOTIFICATION_URL',
  )
  NOTIFICATION_CA_FILE?: string;

  /** The notification app's secrets, comma separated; the first one is sent. */
  @IsInternalSecrets()
  INTERNAL_SECRETS?: string;

  /** Secrets shared with the command app, comma separated; the first one signs the commands of operators. */
  @IsOptionalSecrets()
  OPERATOR_COMMAND_SECRETS?: string;

  /** A request that waits longer for the notification app is answered with 503. */
  @IsDuration({ atLeast: 'PT0.001S', atMost: LONGEST_TIMEOUT })
  NOTIFICATION_TIMEOUT: number = parseDurationMs('PT2S');

  /**
   * The addresses and networks of the proxies whose `X-Forwarded-For` is believed. When it is unset, the header is
   * ignored.
   */
  @IsOptional()
  @IsTrustedProxies()
  TRUST_PROXY?: string;

  /** Origins of the web pages that may call the API. */
  @IsOrigins()
  CORS_ORIGINS: readonly string[] = [];

  /** Requests from one address to this instance. Many members may share one address. */
  @IsRate()
  RATE_ADDRESS: Rate | undefined = { count: 1_200, periodMs: parseDurationMs('PT1M') };

  /** Requests of one member to this instance. */
  @IsRate()
  RATE_MEMBER: Rate | undefined = { count: 300, periodMs: parseDurationMs('PT1M') };

  /** Invitations that one member sends. */
  @IsRate()
  RATE_SEND: Rate | undefined = { count: 60, periodMs: parseDurationMs('PT10M') };

  /** Wrong e-mail addresses that one member enters (D4). */
  @IsRate()
  RATE_WRONG_EMAIL: Rate | undefined = { count: 30, periodMs: parseDurationMs('P1D') };

  /** Wrong e-mail addresses that one member enters for one recipient (D4). */
  @IsRate()
  RATE_WRONG_EMAIL_RECIPIENT: Rate | undefined = { count: 5, periodMs: parseDurationMs('P1D') };

  /** Refused commands of one member: each is stored for ever. */
  @IsRate()
  RATE_REFUSALS: Rate | undefined = { count: 300, periodMs: parseDurationMs('P1D') };

  /**
   * Submissions of the pages behind e-mail links from one address. Mail services unsubscribe many members from a few
   * addresses.
   */
  @IsRate()
  RATE_LINK_ADDRESS: Rate | undefined = { count: 300, periodMs: parseDurationMs('PT1M') };

  /** Submissions of the page behind one link. */
  @IsRate()
  RATE_LINK: Rate | undefined = { count: 20, periodMs: parseDurationMs('PT1M') };
}
