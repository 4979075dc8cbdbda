import { saysNoMailbox } from './no-mailbox.js';

/**
 * What is known of an e-mail after an attempt to send it. SMTP cannot say more (RFC 1047): between the end of the data
 * and the server's answer, both outcomes are possible.
 */
export type SendResult =
  /** The server has taken it. */
  | { readonly outcome: 'sent' }
  /** The server will never take it; `noMailbox`: nor anything else for that address, which does not exist. */
  | { readonly outcome: 'refused'; readonly code: number; readonly noMailbox?: true }
  /** The server has not taken it, and may take it later. */
  | { readonly outcome: 'later'; readonly code?: number; readonly reason: string }
  /** No server was there to ask, or none that talks to us: no e-mail would fare better now. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** The caller withheld it at the last moment; the server has not taken it. */
  | { readonly outcome: 'withheld' }
  /** The connection was lost after the data began: accepted or not. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** As nodemailer throws them. */
export interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  /** What the server's answer was to, such as `RCPT TO`. */
  readonly command?: string;
  readonly response?: string;
}

/** Answers to what was said of this one mail; all else is about the session. */
const ABOUT_THE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);

/** 503 and 530 say that the session was in a wrong state (RFC 5321, RFC 4954): no word on the mail. */
const ABOUT_THE_SESSION = new Set([503, 530]);

/** @param begun whether a byte of the mail itself was given to the connection */
export function resultOf(error: SmtpError, begun: boolean): SendResult {
  const { code = 'unknown error', responseCode } = error;
  const reason = responseCode === undefined ? code : `${code} ${responseCode}`;
  const answered = responseCode !== undefined && responseCode >= 400 && responseCode < 600;
  if (begun && !answered) return { outcome: 'unknown', reason };
  if (responseCode === 421 || !ABOUT_THE_MAIL.has(code)) return { outcome: 'unreachable', reason };
  // Without an answer it was nodemailer that found the envelope or the size impossible; it will again.
  if (responseCode === undefined) return { outcome: 'refused', code: 0 };
  if (responseCode >= 500 && !ABOUT_THE_SESSION.has(responseCode)) {
    const noMailbox = error.command === 'RCPT TO' && saysNoMailbox(error.response ?? '');
    return { outcome: 'refused', code: responseCode, ...(noMailbox ? { noMailbox } : {}) };
  }
  return { outcome: 'later', code: responseCode, reason };
}
