import { classifyRecipientRejection, isTransient, parseEnhancedStatus } from './recipient-rejection.js';

/**
 * What is known about an e-mail after an attempt to send it. SMTP cannot say more (RFC 1047): between the end of the data
 * and the server's reply, the server may or may not have accepted the mail.
 */
export type SendResult =
  /** The server has accepted the mail. */
  | { readonly outcome: 'sent' }
  /**
   * The mail will never be accepted. `isHardBounce`: the mailbox does not exist. `mayBeHardBounce`: the reply does not say
   * whether the mailbox exists. `needsSmtpUtf8`: the mail was not sent, because this server does not support such an
   * address; another server may. Code 0: no server was asked.
   */
  | {
      readonly outcome: 'refused';
      readonly code: number;
      readonly isHardBounce?: true;
      readonly mayBeHardBounce?: true;
      readonly needsSmtpUtf8?: true;
    }
  /** The server has not accepted the mail, and may accept it later. */
  | { readonly outcome: 'later'; readonly code?: number; readonly reason: string }
  /** No server was reachable, or it refuses to talk to us. Every other mail would fail now as well. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** The caller aborted the sending at the last moment. The server has not accepted the mail. */
  | { readonly outcome: 'withheld' }
  /** The connection was lost after the data began. The server may have accepted the mail. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** An error as nodemailer throws it. */
export interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  /** The command that the server replied to, such as `RCPT TO`. */
  readonly command?: string;
  readonly response?: string;
}

/** Error codes about this one mail. All others are about the session. */
const ABOUT_THE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);

/** The session is in a wrong state or not authenticated (RFC 5321, RFC 4954). This says nothing about the mail. */
const ABOUT_THE_SESSION = new Set([503, 530, 534, 535, 538]);

/** Replies to MAIL FROM that are about this mail: its size, or a non-ASCII address (RFC 1870, RFC 6531). */
const ABOUT_ITS_ENVELOPE = { codes: new Set([552, 555]), enhanced: new Set(['5.2.3', '5.3.4', '5.6.7']) };

/** @param hasBegun whether any data of the mail was handed to the connection */
export function toSendResult(error: SmtpError, hasBegun: boolean): SendResult {
  const { code = 'unknown error', responseCode, command, response = '' } = error;
  const reason = responseCode === undefined ? code : `${code} ${responseCode}`;
  const hasReply = responseCode !== undefined && responseCode >= 400 && responseCode < 600;
  if (hasBegun && !hasReply) return { outcome: 'unknown', reason };
  if (responseCode === 421 || !ABOUT_THE_MAIL.has(code)) return { outcome: 'unreachable', reason };
  // Without a reply, nodemailer itself rejected the envelope or the size, and would do so again.
  if (responseCode === undefined && response === '') return { outcome: 'refused', code: 0 };
  // The reply is not a valid SMTP reply: the server does not speak SMTP.
  if (!hasReply) return { outcome: 'unreachable', reason };
  if (responseCode < 500 || ABOUT_THE_SESSION.has(responseCode) || isTransient(response)) {
    return { outcome: 'later', code: responseCode, reason };
  }
  // The sender is the same for every mail, so every other mail would fail as well.
  if (command === 'MAIL FROM' && !isAboutEnvelope(responseCode, response)) {
    return { outcome: 'unreachable', reason };
  }
  const refused = { outcome: 'refused', code: responseCode } as const;
  // After any other command, the server had accepted the address.
  if (command !== 'RCPT TO') return refused;
  const rejection = classifyRecipientRejection(response);
  if (rejection === 'hard-bounce') return { ...refused, isHardBounce: true };
  return rejection === 'unclear' ? { ...refused, mayBeHardBounce: true } : refused;
}

const isAboutEnvelope = (code: number, reply: string): boolean =>
  ABOUT_ITS_ENVELOPE.codes.has(code) ||
  parseEnhancedStatus(reply).given.some((one) => ABOUT_ITS_ENVELOPE.enhanced.has(one));
