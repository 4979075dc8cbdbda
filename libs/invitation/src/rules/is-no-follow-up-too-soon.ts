import { relationWith } from '../account.js';
import type { SendRule } from './send-rule.js';

/** D2: a least interval between two invitations to one recipient, whatever became of the first. */
export const isNoFollowUpTooSoon: SendRule = (account, { recipientId, at }, policy) => {
  const { lastSentAt } = relationWith(account, recipientId);
  if (lastSentAt === undefined) return undefined;
  return Date.parse(at) - Date.parse(lastSentAt) < policy.followUpIntervalMs ? 'TOO_SOON' : undefined;
};
