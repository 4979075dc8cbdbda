import type { Account } from '../account.js';
import type { MemberId } from '../ids.js';
import type { Policy } from '../policy.js';

/** R26, R27, D7: a decline by this recipient makes the different decliners as many as restrict an account. */
export function declineRestricts(account: Account, recipient: MemberId, policy: Policy): boolean {
  if (policy.restrictAfterDeclines === 0 || account.restricted) return false;
  const decliners = account.declinedBy.size + (account.declinedBy.has(recipient) ? 0 : 1);
  return decliners >= policy.restrictAfterDeclines;
}
