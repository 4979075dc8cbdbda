import type { SendRule } from './send-rule.js';

/** R26, D7: a restricted account can send nothing. */
export const isNotRestricted: SendRule = (account) => (account.restricted ? 'ACCOUNT_RESTRICTED' : undefined);
