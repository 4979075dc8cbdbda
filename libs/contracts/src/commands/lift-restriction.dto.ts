import { IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.lift-restriction.v1`. */
export class LiftRestrictionData {
  @IsMemberId()
  accountId: string;

  @IsMemberId()
  operatorId: string;

  @IsMemberText(1, 500)
  reason: string;
}
