import { IsIn, IsOptional, Matches } from 'class-validator';
import { UUID } from './ids.js';

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
export class CommandOutcome {
  /** The `ce_id` of the command, in small letters. */
  @Matches(UUID)
  readonly commandId: string;

  /** Whether the command was carried out, now or when its id first came. */
  @IsIn(['accepted', 'refused'])
  readonly outcome: 'accepted' | 'refused';

  /** Why it is refused; absent where it is accepted. */
  @IsOptional()
  @IsIn(REFUSAL_CODES)
  readonly code?: OutcomeCode;
}
