import { IsIn, IsOptional } from 'class-validator';
import { IsInvitationId, IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.ignore.v1`, `invitations.decline.v1` and `invitations.withdraw.v1`. */
export class OnInvitationData {
  @IsInvitationId()
  invitationId: string;

  @IsMemberId()
  actorId: string;
}

/** Data of `invitations.accept.v1`. */
export class AcceptInvitationData extends OnInvitationData {
  @IsOptional()
  @IsIn(['site', 'email'])
  via?: 'site' | 'email';
}

/** Data of `invitations.reply.v1`. */
export class ReplyToInvitationData extends OnInvitationData {
  @IsMemberText(1, 2000)
  message: string;
}
