import { IsBoolean, IsOptional, Matches } from 'class-validator';
import { IsEmailAddress } from './email-address.js';
import { IsMemberId } from './ids.js';
import { IsMemberText } from './text.js';

/** The value of a message on `members.profiles` (D13); no CloudEvent. A null value removes the member. */
export class MemberProfile {
  /** The member, and the Kafka key. */
  @IsMemberId()
  id: string;

  /** As others see it. */
  @IsMemberText(1, 200)
  name: string;

  /** What the member says of themselves; may be empty. */
  @IsMemberText(0, 300)
  headline: string;

  /** Where links to the member lead; anything but http and https is passed over. */
  @IsMemberText(0, 2000)
  profileUrl: string;

  /** Where this service's e-mails go; shown to nobody but a new connection (R14). */
  @IsEmailAddress()
  email: string;

  /** BCP 47; English where there is none (D14). */
  @IsOptional()
  @Matches(/^[A-Za-z0-9-]{0,35}$/, { message: '$property must be a language tag' })
  locale?: string;

  /** False: an invitation to this member is refused, `RECIPIENT_UNAVAILABLE`. */
  @IsBoolean()
  takesInvitations: boolean;
}
