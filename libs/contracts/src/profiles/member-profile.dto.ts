import { IsBoolean, IsOptional, Matches } from 'class-validator';
import { IsEmailAddress, IsMemberId, IsMemberText } from '../fields.js';

/** The value of a message on `members.profiles` (D13); no CloudEvent. A null value removes the member. */
export class MemberProfile {
  /** The id of the member, and the Kafka key. */
  @IsMemberId()
  id: string;

  /** The name that other members see. */
  @IsMemberText(1, 200)
  name: string;

  /** The member's description of themselves. May be empty. */
  @IsMemberText(0, 300)
  headline: string;

  /** The address for links to the member. Addresses other than http and https are ignored. */
  @IsMemberText(0, 2000)
  profileUrl: string;

  /** The address for e-mails of this service. Only new connections can see it (R14). */
  @IsEmailAddress()
  email: string;

  /** A language tag of BCP 47. E-mails are in English without it (D14). */
  @IsOptional()
  @Matches(/^[A-Za-z0-9-]{0,35}$/, { message: '$property must be a language tag' })
  locale?: string;

  /** If false, invitations to this member are refused with `RECIPIENT_UNAVAILABLE`. */
  @IsBoolean()
  takesInvitations: boolean;
}
