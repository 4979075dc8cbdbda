import { IsMemberId } from '../ids.js';
import { IsMemberText } from '../text.js';

/** Data of `invitations.lift-restriction.v1`. */
export class LiftRestrictionData {
  /** The restricted account, and the Kafka key. */
  @IsMemberId()
  accountId: string;

  /** Who lifts it (D11). */
  @IsMemberId()
  operatorId: string;

  /** Kept with the event, for those who look into it later. */
  @IsMemberText(1, 500)
  reason: string;
}
