import { DEFAULT_POLICY, type InvitationEvent, type Policy } from '#libs/invitation';
import { AccountSimulation } from '../../../apps/replay/src/what-if/account-simulation.js';
import type { Difference } from '../../../apps/replay/src/what-if/difference.js';
import { HistorySimulation } from '../../../apps/replay/src/what-if/history-simulation.js';
import { SIMULATION_MEMORY } from '../../../apps/replay/src/what-if/history-tables.js';

/** An event and the account of its stream. */
export interface LogEntry {
  readonly accountId: string;
  readonly event: InvitationEvent;
}

/** Far fewer than the tool decides at a time, so that tests have several parts. */
const EVENTS_AT_A_TIME = 20;

/** Returns the differences that another policy makes. */
export async function differences(
  log: Iterable<LogEntry>,
  other: Partial<Policy>,
  present: Policy = DEFAULT_POLICY,
): Promise<Difference[]> {
  const policies = { present, other: { ...present, ...other } };
  const history = await HistorySimulation.open(policies, SIMULATION_MEMORY, EVENTS_AT_A_TIME);
  try {
    for (const { accountId, event } of log) history.add(accountId, event);
    await history.run();
    const found: Difference[] = [];
    for await (const difference of history.differences()) found.push(difference);
    return found;
  } finally {
    history.close();
  }
}

/** Returns the differences by the simplest way, in which all accounts are decided in the order of the log and stay in memory. */
export function differencesInLogOrder(
  log: Iterable<LogEntry>,
  other: Partial<Policy>,
  present: Policy = DEFAULT_POLICY,
): Difference[] {
  const found: Difference[] = [];
  const accounts = new Map<string, AccountSimulation>();
  const neverAccepted = new Set<string>();
  let last = Number.NEGATIVE_INFINITY;
  for (const { accountId, event } of log) {
    last = Math.max(last, Date.parse(event.at));
    const policies = { present, other: { ...present, ...other } };
    const account =
      accounts.get(accountId) ?? new AccountSimulation(accountId, policies, (one) => found.push(one));
    accounts.set(accountId, account);
    if (event.type === 'ConnectionRecorded' && neverAccepted.has(event.through)) account.omit(event);
    else if (!account.apply(event) && event.type === 'InvitationAccepted')
      neverAccepted.add(event.invitationId);
  }
  for (const [, account] of [...accounts].toSorted(([one], [two]) => (one < two ? -1 : 1)))
    account.finish(last);
  return found;
}
