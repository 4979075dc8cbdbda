import { hash } from 'node:crypto';
import { accountStateProjection, toAccountEvent } from '#libs/account-state';
import { findErased, type AuthorTextOpener } from '#libs/author-keys';
import { decodeEvent, type RawEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { RebuildRejectedError, tableSink, type RebuildContext, type RowProjection } from '#libs/projection';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';
import type { WorkerName } from '../workers.js';

export interface RebuildableProjection extends Pick<RebuildContext, 'projection' | 'codeVersion'> {
  /** @param texts decrypts the texts of events, for rows that hold them */
  createSink(texts: AuthorTextOpener): RebuildContext['sink'];
}

const toInvitationEvent = (raw: RawEvent): InvitationEvent => decodeEvent(raw).event;

/** Projections whose rows can be rebuilt from the log. */
const REBUILDABLE = [
  toRebuildable(inboxProjection, toInvitationEvent, true),
  toRebuildable(archiveProjection, toInvitationEvent, true),
  toRebuildable(sentProjection, toInvitationEvent, true),
  toRebuildable(connectionsProjection, toInvitationEvent),
  toRebuildable(accountRestrictionProjection, toInvitationEvent),
  toRebuildable(accountStateProjection, toAccountEvent),
  toRebuildable(remindersProjection, toInvitationEvent),
];

/** Projections without rows: they send messages, which cannot be taken back. */
export const MESSAGE_PROJECTIONS: readonly string[] = [
  'publisher',
  'record-connections',
] satisfies WorkerName[];

/** @throws RebuildRejectedError for a projection of messages, or an unknown one */
export function findRebuildableProjection(name: string): RebuildableProjection {
  const found = REBUILDABLE.find(({ projection }) => projection.name === name);
  if (found !== undefined) return found;
  const names = REBUILDABLE.map(({ projection }) => projection.name).join(', ');
  if (MESSAGE_PROJECTIONS.includes(name)) {
    throw new RebuildRejectedError(
      `${name} has no rows: its messages cannot be taken back, and a rebuild would send them again. Projections with rows: ${names}`,
    );
  }
  throw new RebuildRejectedError(`there is no projection ${name} with rows. Projections with rows: ${names}`);
}

function toRebuildable<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  decode: (raw: RawEvent) => Event,
  needsTexts = false,
): RebuildableProjection {
  return {
    projection,
    createSink: (texts) =>
      tableSink(projection, decode, needsTexts ? texts.openOrFail.bind(texts) : undefined, findErased),
    codeVersion: hash(
      'sha256',
      `${projection.keysOf.toString()} ${projection.fold.toString()} ${JSON.stringify(projection.table)}${projection.version ?? ''}`,
    ).slice(0, 16),
  };
}
