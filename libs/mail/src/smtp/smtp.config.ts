import { IsOptional, IsString, IsUrl } from 'class-validator';
import {
  IsConsistent,
  IsOptionalFlag,
  IsOptionalText,
  isProduction,
  OAuthTokens,
  type ConfigClass,
  type NoConfig,
} from '#libs/platform';
import { resolveSmtp, type SmtpConnection, SmtpUrlError } from './smtp-connection.js';

/** The connection to the mail server. docs/secure-connections.md explains the variables. */
export function WithSmtp<Base extends ConfigClass>(base: Base) {
  class SmtpConfig extends base {
    /** `smtps:` uses TLS from the start; `smtp:` uses it where the server offers it, and requires it for a login. */
    @IsString()
    @IsConsistent(findSmtpProblem)
    SMTP_URL: string;

    /** The user, instead of one in SMTP_URL. */
    @IsOptionalText()
    SMTP_USERNAME?: string;

    /** The file of the user's password. */
    @IsOptionalText()
    SMTP_PASSWORD_FILE?: string;

    /** The certificates of the authorities that may have signed the server's certificate. Makes TLS required. */
    @IsOptionalText()
    SMTP_CA_FILE?: string;

    /** Whether a password may be sent without TLS. */
    @IsOptionalFlag()
    SMTP_ALLOW_PLAINTEXT_LOGIN?: boolean;

    /** The token endpoint of the authorization server, for a login with XOAUTH2 (OAuth 2.0, client credentials). */
    @IsOptional()
    @IsUrl(
      { require_tld: false, protocols: ['http', 'https'], require_protocol: true, disallow_auth: true },
      { message: '$property must be an http(s) URL without a password' },
    )
    @IsConsistent(({ SMTP_OAUTH_TOKEN_URL: url }: SmtpConfig) =>
      url === undefined || /^https:|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/i.test(url)
        ? undefined
        : 'must be an https URL, because the secret is sent to it',
    )
    SMTP_OAUTH_TOKEN_URL?: string;

    @IsOptionalText()
    SMTP_OAUTH_CLIENT_ID?: string;

    @IsOptionalText()
    SMTP_OAUTH_CLIENT_SECRET_FILE?: string;

    @IsOptionalText()
    SMTP_OAUTH_SCOPE?: string;

    /** The domain that signs e-mails with DKIM (RFC 6376); without it, they are not signed here. */
    @IsOptionalText()
    SMTP_DKIM_DOMAIN?: string;

    /** The public key is in the TXT record `<selector>._domainkey.<domain>`. */
    @IsOptionalText()
    SMTP_DKIM_SELECTOR?: string;

    /** The private key in PEM format, without a password. */
    @IsOptionalText()
    SMTP_DKIM_KEY_FILE?: string;
  }
  return SmtpConfig;
}

export type SmtpConfig = InstanceType<ReturnType<typeof WithSmtp<typeof NoConfig>>>;

/** What `SmtpSender` and `smtpCheck` need of the configuration. */
export const smtpConnection = (config: SmtpConfig): SmtpConnection => ({
  url: config.SMTP_URL,
  username: config.SMTP_USERNAME,
  passwordFile: config.SMTP_PASSWORD_FILE,
  caFile: config.SMTP_CA_FILE,
  allowsPlaintextLogin: config.SMTP_ALLOW_PLAINTEXT_LOGIN ?? false,
  ...(config.SMTP_DKIM_DOMAIN === undefined
    ? {}
    : {
        dkim: {
          domain: config.SMTP_DKIM_DOMAIN,
          selector: config.SMTP_DKIM_SELECTOR ?? '',
          keyFile: config.SMTP_DKIM_KEY_FILE ?? '',
        },
      }),
  ...(config.SMTP_OAUTH_TOKEN_URL === undefined
    ? {}
    : {
        tokens: new OAuthTokens({
          prefix: 'SMTP_OAUTH',
          tokenUrl: config.SMTP_OAUTH_TOKEN_URL,
          clientId: config.SMTP_OAUTH_CLIENT_ID ?? '',
          clientSecretFile: config.SMTP_OAUTH_CLIENT_SECRET_FILE ?? '',
          scope: config.SMTP_OAUTH_SCOPE,
        }),
      }),
});

const OAUTH_VARIABLES = [
  'SMTP_OAUTH_TOKEN_URL',
  'SMTP_OAUTH_CLIENT_ID',
  'SMTP_OAUTH_CLIENT_SECRET_FILE',
] as const;

const DKIM_VARIABLES = ['SMTP_DKIM_DOMAIN', 'SMTP_DKIM_SELECTOR', 'SMTP_DKIM_KEY_FILE'] as const;

/** A login or a signature that is half configured would only fail once the server refuses it. */
function findSmtpProblem(config: SmtpConfig): string | undefined {
  if (typeof config.SMTP_URL !== 'string') return undefined;
  const signs = DKIM_VARIABLES.filter((name) => config[name] !== undefined);
  if (signs.length > 0 && signs.length < DKIM_VARIABLES.length) {
    const missing = DKIM_VARIABLES.filter((name) => config[name] === undefined);
    return `needs ${missing.join(' and ')}, because ${signs[0]} is set`;
  }
  const given = OAUTH_VARIABLES.filter((name) => config[name] !== undefined);
  if (given.length > 0) {
    const needed = ['SMTP_USERNAME', ...OAUTH_VARIABLES] as const;
    const missing = needed.filter((name) => config[name] === undefined);
    if (missing.length > 0) return `needs ${missing.join(' and ')}, because ${given[0]} is set`;
    if (config.SMTP_PASSWORD_FILE !== undefined)
      return 'has two logins: remove SMTP_PASSWORD_FILE or the SMTP_OAUTH_… variables';
  }
  try {
    const { isVerified } = resolveSmtp(smtpConnection(config));
    return isVerified || !isProduction(config)
      ? undefined
      : 'does not verify the server, which only development allows: remove tls.rejectUnauthorized, and set SMTP_CA_FILE for an authority of your own';
  } catch (error) {
    if (error instanceof SmtpUrlError) return error.message;
    throw error;
  }
}
