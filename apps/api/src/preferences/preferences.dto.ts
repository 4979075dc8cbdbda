import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { badRequest } from '../http/problem.js';

/** The e-mails that a member wants (R8, R13). When `all` is false, none is sent, whatever the other fields say. */
export class EmailPreferences {
  @ApiProperty()
  @IsBoolean()
  all: boolean;

  @ApiProperty()
  @IsBoolean()
  invitations: boolean;

  @ApiProperty()
  @IsBoolean()
  reminders: boolean;

  @ApiProperty()
  @IsBoolean()
  acceptances: boolean;

  @ApiProperty()
  @IsBoolean()
  replies: boolean;
}

/** The kinds of e-mail that can be turned off one by one. */
export const EMAIL_KINDS = ['invitations', 'reminders', 'acceptances', 'replies'] as const;

export const PREFERENCE_NAMES = ['all', ...EMAIL_KINDS] as const;

/**
 * Parses a form of checkboxes: a browser sends no field for an unchecked box.
 * @throws ProblemError 400 for a body that is not a form
 */
export function parsePreferencesForm(form: unknown): EmailPreferences {
  if (form !== undefined && !(form instanceof URLSearchParams)) throw badRequest();
  return Object.fromEntries(PREFERENCE_NAMES.map((name) => [name, form?.has(name) ?? false])) as Record<
    (typeof PREFERENCE_NAMES)[number],
    boolean
  >;
}
