import { IsBoolean, IsEmail, IsOptional, Matches } from 'class-validator';
import { IsMemberId } from './ids.js';
import { IsMemberText } from './text.js';

/** The value of a message on `members.profiles` (D13); no CloudEvent. A null value removes the member. */
export class MemberProfile {
  @IsMemberId()
  id: string;

  @IsMemberText(1, 200)
  name: string;

  @IsMemberText(0, 300)
  headline: string;

  @IsMemberText(0, 2000)
  profileUrl: string;

  @IsEmail()
  email: string;

  /** BCP 47; English where there is none (D14). */
  @IsOptional()
  @Matches(/^[A-Za-z0-9-]{0,35}$/, { message: '$property must be a language tag' })
  locale?: string;

  @IsBoolean()
  takesInvitations: boolean;
}
