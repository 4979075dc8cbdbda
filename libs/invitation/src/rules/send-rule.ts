import type { Account } from '../account.js';
import type { SendInvitation } from '../commands.js';
import type { RefusalCode } from '../decision.js';
import type { Policy } from '../policy.js';

/** One condition of sending: why the invitation is refused, or nothing. */
export type SendRule = (account: Account, command: SendInvitation, policy: Policy) => RefusalCode | undefined;
