export type { ConnectionsSummary } from './emails/acceptance.email.js';
export { toProfileLink } from './emails/email-template.js';
export { renderEmail, type Email, type MailData, type MailKind } from './emails/render-email.js';
export { languageForLocale, type Language } from './language/language.js';
export {
  parseLinkKeys,
  signLink,
  verifyLink,
  type EmailKind,
  type LinkClaims,
  type LinkKey,
  type LinkKeys,
  type LinkPurpose,
} from './link-token.js';
export { formatMessageId, type MailKey, formatMemberSender } from './mime/message.js';
export type { SendResult } from './smtp/send-result.js';
export type { SmtpConnection } from './smtp/smtp-connection.js';
export { smtpConnection, WithSmtp, type SmtpConfig } from './smtp/smtp.config.js';
export { smtpCheck } from './smtp/smtp-check.js';
export { SmtpSender, type OutgoingMail } from './smtp/smtp-sender.js';
