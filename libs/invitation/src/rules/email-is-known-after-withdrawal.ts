import { relationWith } from '../account.js';
import type { SendRule } from './send-rule.js';

/** R34, D4: after a withdrawal the inviter must know the recipient's address; missing and wrong answer alike. */
export const emailIsKnownAfterWithdrawal: SendRule = (account, { recipientId, recipient }) =>
  relationWith(account, recipientId).emailRequired && !recipient.emailMatches ? 'EMAIL_REQUIRED' : undefined;
