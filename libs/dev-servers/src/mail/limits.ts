/** What keeps a runaway sender from filling the disk or the memory. */
export interface MailLimits {
  /** The size of one mail, in bytes. */
  readonly bytes: number;
  /** How many mails are kept; then the oldest goes. */
  readonly messages: number;
  /** How long a client may say nothing, and how long it may take to send an HTTP request, in milliseconds. */
  readonly patienceMs: number;
}

export const DEFAULT_LIMITS: MailLimits = { bytes: 5_000_000, messages: 5_000, patienceMs: 30_000 };

/** Open connections of each server; further ones are turned away. */
export const MAX_CONNECTIONS = 200;
