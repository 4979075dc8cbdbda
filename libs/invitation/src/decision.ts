import type { InvitationEvent } from './events.js';

/** Why a command is refused (D4). A refusal is a returned value, never an exception. */
export type RefusalCode =
  | 'INVALID_COMMAND'
  | 'LIMIT_REACHED'
  | 'ACCOUNT_RESTRICTED'
  | 'ALREADY_CONNECTED'
  | 'EMAIL_REQUIRED'
  | 'RECIPIENT_UNAVAILABLE'
  | 'NOT_FOUND'
  | 'NOT_YOURS'
  | 'NOT_OPEN'
  | 'ALREADY_ANSWERED'
  | 'NOT_IGNORED'
  | 'TOO_SOON';

export interface Accepted {
  readonly outcome: 'accepted';
  /** Empty when the account has processed this command before. */
  readonly events: readonly InvitationEvent[];
}

export interface Refused {
  readonly outcome: 'refused';
  readonly code: RefusalCode;
}

export type Decision = Accepted | Refused;

export const accept = (...events: InvitationEvent[]): Accepted => ({ outcome: 'accepted', events });
export const refuse = (code: RefusalCode): Refused => ({ outcome: 'refused', code });
