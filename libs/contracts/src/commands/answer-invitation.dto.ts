import { IsIn, IsOptional } from 'class-validator';
import { IsInvitationId, IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.ignore.v1`, `invitations.decline.v1` and `invitations.withdraw.v1`. */
export class OnInvitationData {
  /** `<inviterId>.<commandId of its send>`; the part before the dot is the Kafka key. */
  @IsInvitationId()
  invitationId: string;

  /** The member who asks (D11): the recipient, or for a withdrawal the inviter. */
  @IsMemberId()
  actorId: string;
}

/** Data of `invitations.accept.v1`. */
export class AcceptInvitationData extends OnInvitationData {
  /** How the recipient accepted (R11); `site` where it is not said. */
  @IsOptional()
  @IsIn(['site', 'email'])
  via?: 'site' | 'email';
}

/** Data of `invitations.reply.v1`. */
export class ReplyToInvitationData extends OnInvitationData {
  /** Sent to the inviter (R16, D9). */
  @IsMemberText(1, 2000)
  message: string;
}
