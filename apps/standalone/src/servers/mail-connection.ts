import { smtpConnection, WithSmtp, type SmtpConnection } from '#libs/mail';
import { loadConfig, NoConfig } from '#libs/platform';

class MailConfig extends WithSmtp(NoConfig) {}

/** How to connect to the mail server of this service: to an external one as the environment says. */
export const mailConnection = (url: string, env: NodeJS.ProcessEnv = process.env): SmtpConnection =>
  env['SMTP_URL'] ? smtpConnection(loadConfig(MailConfig, env)) : { url };

/** The variables for an external mail server, besides its address. The embedded one has neither TLS nor logins. */
export const mailVariables = (env: NodeJS.ProcessEnv = process.env): Record<string, string> =>
  env['SMTP_URL']
    ? Object.fromEntries(
        Object.keys(new MailConfig()).flatMap((name) =>
          env[name] && name !== 'SMTP_URL' ? [[name, env[name]]] : [],
        ),
      )
    : {};
