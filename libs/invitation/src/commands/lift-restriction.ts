import type { Account } from '../account.js';
import type { LiftRestriction } from '../commands.js';
import { accept, refuse, type Decision } from '../decision.js';

/** D7: an operator lifts a restriction; the count of declines starts again. Where there is none, there is none to be found. */
export function liftRestriction(account: Account, command: LiftRestriction): Decision {
  if (!account.restricted) return refuse('NOT_FOUND');
  const { commandId, accountId, operatorId, reason, at } = command;
  return accept({ type: 'AccountRestrictionLifted', commandId, accountId, operatorId, reason, at });
}
