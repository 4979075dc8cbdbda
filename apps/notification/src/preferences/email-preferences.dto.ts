import { IsBoolean } from 'class-validator';

/** Which e-mails a member gets (R8, R13, D13). */
export class EmailPreferences {
  /** False: none at all, whatever the others say. */
  @IsBoolean()
  all: boolean;

  @IsBoolean()
  invitations: boolean;

  @IsBoolean()
  reminders: boolean;

  @IsBoolean()
  acceptances: boolean;

  @IsBoolean()
  replies: boolean;
}
