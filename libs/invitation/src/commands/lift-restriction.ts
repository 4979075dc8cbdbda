import type { Account } from '../account.js';
import type { LiftRestriction } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';

/** D7: lifts a restriction, and the count of declines starts again. An account without one is refused with NOT_FOUND. */
export function liftRestriction(account: Account, command: LiftRestriction): Decision {
  if (!account.restricted) return refuse('NOT_FOUND');
  const { commandId, accountId, operatorId, reason, at } = command;
  return accept({ type: 'AccountRestrictionLifted', commandId, accountId, operatorId, reason, at });
}
