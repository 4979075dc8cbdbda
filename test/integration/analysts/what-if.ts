import { DEFAULT_POLICY, type InvitationEvent, type Policy } from '#libs/invitation';
import { HistorySimulation, type Difference } from '../../../apps/replay/src/what-if/history-simulation.js';

/** An event and the account of its stream. */
export interface LogEntry {
  readonly accountId: string;
  readonly event: InvitationEvent;
}

/** Returns the differences that another policy makes. */
export function differences(
  log: Iterable<LogEntry>,
  other: Partial<Policy>,
  present: Policy = DEFAULT_POLICY,
): Difference[] {
  const found: Difference[] = [];
  const history = new HistorySimulation({ present, other: { ...present, ...other } }, (difference) =>
    found.push(difference),
  );
  for (const { accountId, event } of log) history.apply(accountId, event);
  history.finish();
  return found;
}
