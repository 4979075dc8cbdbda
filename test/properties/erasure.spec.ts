import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';
import { expectEqual } from './expect-equal.js';
import { histories, isCommand, MEMBERS } from './histories.js';
import { InMemoryCommandApp } from './in-memory-command-app.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';

type Row = Readonly<Record<string, unknown>>;
type Projection = RowProjection<InvitationEvent, Row>;

const PROJECTIONS = [
  inboxProjection,
  archiveProjection,
  sentProjection,
  connectionsProjection,
  accountRestrictionProjection,
  remindersProjection,
] as readonly unknown[] as readonly Projection[];

const erasures = fc.record({
  history: histories,
  erased: fc.constantFrom(...MEMBERS),
  at: fc.noBias(fc.maxSafeNat()),
});

/** Folds events, and erases a member before the event with this index: at once, and in each row that is written later. */
function fold(
  projection: Projection,
  events: readonly InvitationEvent[],
  erased: string | undefined,
  at: number,
) {
  const { erasure } = projection;
  const rows = new Map<string, Row>();
  const put = (key: string, row: Row | undefined, isErased: boolean) => {
    const kept = row && isErased ? erasure!.without(row, (member) => member === erased) : row;
    if (kept === undefined) rows.delete(key);
    else rows.set(key, kept);
  };
  for (const [index, event] of [...events, undefined].entries()) {
    const isErased = erased !== undefined && index >= at;
    if (index === at) for (const [key, row] of rows) put(key, row, isErased);
    if (event === undefined) break;
    for (const key of projection.keysOf(event))
      put(key, projection.fold(rows.get(key), event, key), isErased);
  }
  return new Map([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What another member sees of a row: all of it, but for texts by the erased one. */
function seenByOthers(row: Row, erased: string): Row | undefined {
  const { invitation_id: invitation, inviter_id: inviter, recipient_id: recipient } = row;
  if ('status' in row) {
    if (inviter === erased) return undefined;
    return recipient === erased ? { ...row, reply: null } : row;
  }
  if ('message' in row) {
    if (recipient === erased) return undefined;
    return inviter === erased ? { ...row, message: null } : row;
  }
  const owners = [row['member_id'], row['other_id'], row['account_id'], String(invitation).split('.')[0]];
  return owners.includes(erased) ? undefined : row;
}

describe('the erasure of a member at any point of any history', () => {
  it(
    'leaves the views of all others as they are, but for texts by the erased one, and a rebuild gives the same',
    () => {
      expectForAll('erasure', erasures, ({ history: { policy, steps }, erased, at }) => {
        const app = new InMemoryCommandApp(policy);
        const events = steps.filter(isCommand).flatMap((command) => app.handle(command).events);
        const point = at % (events.length + 1);
        for (const projection of PROJECTIONS) {
          const live = fold(projection, events, erased, point);
          const whole = fold(projection, events, undefined, 0);
          const expected = [...whole].flatMap(([key, row]) => {
            const seen = seenByOthers(row, erased);
            return seen === undefined ? [] : [[key, seen] as const];
          });
          expectEqual([...live], expected, projection.name);
          expectEqual([...fold(projection, events, erased, 0)], [...live], `${projection.name} rebuilt`);
        }
      });
    },
    TIMEOUT_MS,
  );
});
