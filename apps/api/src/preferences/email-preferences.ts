import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

/** Which e-mails a member wants (R8, R13): `all` false is none at all, whatever the kinds say. */
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

export const PREFERENCES = ['all', 'invitations', 'reminders', 'acceptances', 'replies'] as const;
