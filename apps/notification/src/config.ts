import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { durationMs, IsDuration } from '#libs/platform';

const IsWebAddress = (): PropertyDecorator =>
  IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: '$property must be an http or https URL' },
  );

/** The notification app's environment. */
export class NotificationConfig {
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  /** `smtps:` is TLS from the start; `smtp:` takes it up when offered, and with `?requireTLS=true` insists. */
  @Matches(/^smtps?:\/\//, { message: 'SMTP_URL must be smtp[s]://[user:password@]host[:port]' })
  SMTP_URL: string;

  /** `address` or `Name <address>`; its domain is that of the Message-IDs. */
  @Matches(/^[^\r\n<>]*?<?[^\s<>@]+@[^\s<>@]+>?$/, {
    message: '$property must be an address or Name <address>',
  })
  MAIL_FROM: string;

  /** Where members reach the api app; e-mail links begin with it. */
  @IsWebAddress()
  PUBLIC_URL: string;

  /** `keyId:base64url-secret[,…]`; the first signs. */
  @IsString()
  @IsNotEmpty()
  LINK_KEYS: string;

  /** A member's profile is this and their id, where the profile itself has no http(s) address. Default: PUBLIC_URL/members/ */
  @IsOptional()
  @IsWebAddress()
  PROFILE_BASE_URL?: string;

  /** Default: PUBLIC_URL/inbox */
  @IsOptional()
  @IsWebAddress()
  INBOX_URL?: string;

  /** Default: below PUBLIC_URL, a signed link for each member */
  @IsOptional()
  @IsWebAddress()
  PREFERENCES_URL?: string;

  /** Least time between two invitation e-mails from one inviter to one recipient. */
  @IsDuration()
  INVITATION_MAIL_INTERVAL = durationMs('P1D');

  /** How long the link that accepts is good for. */
  @IsDuration()
  ACCEPT_LINK_VALIDITY = durationMs('P60D');

  /** How long the links that lead to the preferences, and those that unsubscribe, are good for. */
  @IsDuration()
  PREFERENCES_LINK_VALIDITY = durationMs('P365D');

  /** What becomes of an e-mail that the server may or may not have taken: at most once, or at least once. */
  @IsIn(['keep', 'resend'])
  UNCLEAR_DELIVERY: 'keep' | 'resend' = 'keep';

  /** E-mails under way at a time. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  SMTP_CONNECTIONS = 20;

  /** How long what a killed process was about to send waits until another takes it over. */
  @IsDuration()
  DELIVERY_CLAIM = durationMs('PT10S');

  /** For health, metrics and the internal API; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  HEALTH_PORT = 8083;

  /** Kafka consumer group. */
  @IsString()
  KAFKA_GROUP = 'notification';

  /** How long the partitions of a killed process stand still before another takes them over. */
  @IsDuration()
  KAFKA_SESSION_TIMEOUT = durationMs('PT10S');
}
