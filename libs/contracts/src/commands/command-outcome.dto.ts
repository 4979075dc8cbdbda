import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MAX_GIVEN_ID_LENGTH } from '../envelope.js';

/** Why a command is refused. The codes are stable, so callers may switch on them. */
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

/** The value of a message on an outcomes topic. It has no other fields (D1). */
export class CommandOutcome {
  /**
   * The `ce_id` of the command as its publisher wrote it, at most 200 characters of it; without a readable id,
   * `<topic>/<partition>@<offset>` of the message.
   */
  @IsString()
  @MaxLength(MAX_GIVEN_ID_LENGTH)
  readonly commandId: string;

  /** Whether the command was carried out, now or at its first delivery. */
  @IsIn(['accepted', 'refused'])
  readonly outcome: 'accepted' | 'refused';

  /** Why the command is refused. Absent if it is accepted. */
  @IsOptional()
  @IsIn(REFUSAL_CODES)
  readonly code?: OutcomeCode;

  /** What is wrong with an `INVALID_COMMAND`, for developers. It names fields and headers, never their values. */
  @IsOptional()
  @IsString()
  readonly reason?: string;
}
