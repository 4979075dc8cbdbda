import { relationWith } from '../account.js';
import type { SendRule } from './send-rule.js';

/** R25, D4: one code for who declined, who is unknown and who takes no invitations, so that none of them shows. */
export const recipientIsAvailable: SendRule = (account, { recipientId, recipient }) =>
  relationWith(account, recipientId).barred || !recipient.available ? 'RECIPIENT_UNAVAILABLE' : undefined;
