import { relationWith } from '../account.js';
import type { SendRule } from './send-rule.js';

/** D8: a connection needs no invitation. */
export const isNotConnected: SendRule = (account, { recipientId }) =>
  relationWith(account, recipientId).connected ? 'ALREADY_CONNECTED' : undefined;
