import { decoded } from '#libs/event-store/reading';
import type { Progress } from '../cli/progress.js';
import type { Moment } from '../cli/moment.js';
import { Rows } from '../folding/rows.js';
import type { Log } from '../log/log.js';
import { LISTS, type List, type ListName } from './lists.js';

/**
 * A member's list as it was at a moment, newest first, by the code that shows it today. At an instant it holds what had
 * happened until then, by the clock of whoever decided; at a position, what the log held.
 * @throws EventStoreUnavailable, UnknownEvent
 */
export async function rowsAsOf(
  log: Log,
  moment: Moment,
  name: ListName,
  member: string,
  shown?: Progress,
): Promise<readonly object[]> {
  const list = LISTS[name] as List<object>;
  const rows = new Rows(list.projection);
  for await (const events of log.batches({ ...list.selectionOf(member), ...moment }, shown)) {
    for (const recorded of events) rows.apply(decoded(recorded).event);
  }
  return [...rows.rows.values()]
    .filter((row) => list.isOf(row, member))
    .toSorted((one, other) => later(list.orderOf(one), list.orderOf(other)));
}

function later([at, id]: readonly [string, string], [otherAt, otherId]: readonly [string, string]): number {
  if (at !== otherAt) return at < otherAt ? 1 : -1;
  return id < otherId ? 1 : -1;
}
