import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { WithKafka, WithTopics } from '#libs/kafka';
import { WithSmtp } from '#libs/mail';
import {
  IsDuration,
  IsHttpsInProduction,
  IsInternalSecrets,
  LONGEST_TIMEOUT,
  NoConfig,
  parseDurationMs,
  WithHealthPort,
  WithPostgres,
} from '#libs/platform';
import { createEmailLinks } from './emails/email-links.js';
import { DEFAULT_TIMINGS } from './sending/delivery-outcome.js';
import type { MailDeliverySettings } from './sending/mail-delivery.js';

/** An http or https URL, for links in e-mails; https in production. */
const IsWebAddress = (): PropertyDecorator => (target, property) => {
  IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: '$property must be an http or https URL' },
  )(target, property);
  IsHttpsInProduction()(target, property);
};

/** The environment variables of the notification app. */
export class NotificationConfig extends WithSmtp(
  WithTopics(WithKafka(WithPostgres(WithHealthPort(NoConfig, 8083)))),
) {
  /** `address` or `Name <address>`. Message-IDs have its domain. */
  @Matches(/^[^\r\n<>]*?<?[^\s<>@]+@[^\s<>@]+>?$/, {
    message: '$property must be an address or Name <address>',
  })
  MAIL_FROM: string;

  /** The name of the network, in the e-mails. */
  @IsOptional()
  @Matches(/^[^\r\n<>@"]{1,60}$/, { message: '$property must be a name of up to 60 characters' })
  NETWORK_NAME?: string;

  /** The network's logo above each e-mail. Its server learns when an e-mail is opened. */
  @IsOptional()
  @IsWebAddress()
  MAIL_LOGO_URL?: string;

  /** Whom e-mails name as sender: the member whom they are about, via the network, or MAIL_FROM as it is. */
  @IsIn(['member', 'service'])
  MAIL_SENDER: 'member' | 'service' = 'member';

  /** Where members reach the api app. Signed links in e-mails begin with it. */
  @IsWebAddress()
  PUBLIC_URL: string;

  /** `keyId:base64url-secret[,…]`. The first key signs links. */
  @IsString()
  @IsNotEmpty()
  LINK_KEYS: string;

  /** Secrets, comma separated, one of which the api app sends to read or write e-mail preferences. */
  @IsInternalSecrets()
  INTERNAL_SECRETS?: string;

  /** Before the member's id, it is the link to a profile that has no http(s) URL of its own. Default: PUBLIC_URL/members/ */
  @IsOptional()
  @IsWebAddress()
  PROFILE_BASE_URL?: string;

  /** Default: PUBLIC_URL/inbox */
  @IsOptional()
  @IsWebAddress()
  INBOX_URL?: string;

  /** Default: a signed link for each member, below PUBLIC_URL */
  @IsOptional()
  @IsWebAddress()
  PREFERENCES_URL?: string;

  /** Least time between two invitation e-mails from one inviter to one recipient. */
  @IsDuration()
  INVITATION_MAIL_INTERVAL = parseDurationMs('P1D');

  /** An event that is older is never mailed (D21), so that nobody gets old e-mails after a long outage or when a topic is read again. */
  @IsDuration({ atLeast: 'PT1S' })
  MAIL_MAX_AGE = parseDurationMs('P3D');

  /** How long the link to accept is valid. */
  @IsDuration()
  ACCEPT_LINK_VALIDITY = parseDurationMs('P60D');

  /** How long the links to the preferences and to unsubscribe are valid. */
  @IsDuration()
  PREFERENCES_LINK_VALIDITY = parseDurationMs('P90D');

  /** For an e-mail that the server may or may not have taken: `keep` sends it at most once, `resend` at least once. */
  @IsIn(['keep', 'resend'])
  UNCLEAR_DELIVERY: 'keep' | 'resend' = 'keep';

  /** E-mails that are given to the server at the same time. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  SMTP_CONNECTIONS = 20;

  /** How long a delivery waits until another process claims it after its process was killed. */
  @IsDuration({ atLeast: 'PT1S', atMost: LONGEST_TIMEOUT })
  DELIVERY_CLAIM = parseDurationMs('PT10S');

  /** How often the whole topic of profiles is read, to delete members that it no longer holds. */
  @IsDuration({ atLeast: 'PT1S' })
  MEMBERS_SWEEP_INTERVAL = parseDurationMs('P1D');

  /** Kafka consumer group. */
  @IsString()
  KAFKA_GROUP = 'notification';

  /** How long the partitions of a killed process wait until another process is assigned them. */
  @IsDuration({ atLeast: 'PT0.1S', atMost: LONGEST_TIMEOUT })
  KAFKA_SESSION_TIMEOUT = parseDurationMs('PT10S');
}

/** @param now the clock by which links expire */
export const createDeliverySettings = (
  config: NotificationConfig,
  now: () => Date,
): MailDeliverySettings => ({
  sender: {
    from: config.MAIL_FROM,
    networkName: config.NETWORK_NAME,
    logoUrl: config.MAIL_LOGO_URL,
    namesMember: config.MAIL_SENDER === 'member',
  },
  links: createEmailLinks(config, now),
  limits: { invitationIntervalMs: config.INVITATION_MAIL_INTERVAL, maxAgeMs: config.MAIL_MAX_AGE },
  connections: config.SMTP_CONNECTIONS,
  unclear: config.UNCLEAR_DELIVERY,
  timings: { ...DEFAULT_TIMINGS, claimMs: config.DELIVERY_CLAIM },
});
