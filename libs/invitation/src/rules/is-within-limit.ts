import type { SendRule } from './send-rule.js';

/** R2, R35: the limit counts every invitation that was ever sent. */
export const isWithinLimit: SendRule = (account, _command, policy) =>
  account.sent >= policy.invitationLimit ? 'LIMIT_REACHED' : undefined;
