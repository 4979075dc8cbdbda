import { hash } from 'node:crypto';
import { decoded } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { Refused, rowsEffect, type RowProjection, type Site } from '#libs/projection';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';

export type Rebuildable = Pick<Site, 'projection' | 'effect' | 'code'>;

/** Projections whose rows can be made anew from the log. */
const REBUILDABLE = [
  rebuildable(inboxProjection),
  rebuildable(archiveProjection),
  rebuildable(sentProjection),
  rebuildable(connectionsProjection),
  rebuildable(accountRestrictionProjection),
  rebuildable(remindersProjection),
];

/** @throws Refused for one that is made of messages, or unknown */
export function findRebuildable(name: string): Rebuildable {
  const found = REBUILDABLE.find(({ projection }) => projection.name === name);
  if (found !== undefined) return found;
  const names = REBUILDABLE.map(({ projection }) => projection.name).join(', ');
  if (name === 'publisher' || name === 'record-connections') {
    throw new Refused(
      `${name} has no rows: what it has sent to Kafka cannot be taken back, and sending it again would repeat it. With rows: ${names}`,
    );
  }
  throw new Refused(`there is no projection ${name} with rows of its own; there are ${names}`);
}

function rebuildable<Row extends object>(projection: RowProjection<InvitationEvent, Row>): Rebuildable {
  return {
    projection,
    effect: rowsEffect(projection, (recorded) => decoded(recorded).event),
    code: hash(
      'sha256',
      `${projection.keysOf.toString()} ${projection.fold.toString()} ${JSON.stringify(projection.table)}`,
    ).slice(0, 16),
  };
}
