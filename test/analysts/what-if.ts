import { DEFAULT_POLICY, type InvitationEvent, type Policy } from '#libs/invitation';
import { RedecidedHistory } from '../../apps/replay/src/what-if/redecided-history.js';
import type { Difference } from '../../apps/replay/src/what-if/difference.js';

/** An event, and the account whose stream it is in. */
export interface LogEntry {
  readonly accountId: string;
  readonly event: InvitationEvent;
}

/** What would be different under that policy. */
export function differences(
  log: Iterable<LogEntry>,
  other: Partial<Policy>,
  present: Policy = DEFAULT_POLICY,
): Difference[] {
  const found: Difference[] = [];
  const history = new RedecidedHistory({ present, other: { ...present, ...other } }, (difference) =>
    found.push(difference),
  );
  for (const { accountId, event } of log) history.take(accountId, event);
  history.finish();
  return found;
}
