import type { SendRule } from './send-rule.js';

/** D8: nobody invites themselves. */
export const isSomebodyElse: SendRule = (_account, { inviterId, recipientId }) =>
  inviterId === recipientId ? 'INVALID_COMMAND' : undefined;
