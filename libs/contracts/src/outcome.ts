/** Why a command is refused. Stable: callers may switch on them. */
export const REFUSAL_CODES = [
  'INVALID_COMMAND',
  'LIMIT_REACHED',
  'ACCOUNT_RESTRICTED',
  'ALREADY_CONNECTED',
  'EMAIL_REQUIRED',
  'RECIPIENT_UNAVAILABLE',
  'NOT_FOUND',
  'NOT_YOURS',
  'NOT_OPEN',
  'ALREADY_ANSWERED',
  'NOT_IGNORED',
  'TOO_SOON',
] as const;

export type OutcomeCode = (typeof REFUSAL_CODES)[number];

/** The value of a message on an outcomes topic, and nothing else is in it (D1). */
export interface CommandOutcome {
  readonly commandId: string;
  readonly outcome: 'accepted' | 'refused';
  readonly code?: OutcomeCode;
}
