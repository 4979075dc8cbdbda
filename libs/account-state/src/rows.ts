import type { AccountHead, Invitation, LoadedEntries, Relation } from '#libs/invitation';
import type { EntryKey } from './row-keys.js';

/** A head, or an entry of an account, as JSON. The key tells which. */
export interface AccountStateRow {
  readonly key: string;
  /** The revision of the last event that changed the row, as the text of a bigint. */
  readonly revision: string;
  readonly state: object;
}

export interface HeadState {
  /** The version of the fold that made the head and the entries of the account. */
  readonly fold: number;
  /** The id of the event at the head's revision. */
  readonly eventId: string;
  readonly sent: number;
  readonly restricted: boolean;
  readonly declinedBy: readonly string[];
}

export function toHead(state: HeadState | undefined): AccountHead {
  if (state === undefined) return { sent: 0, restricted: false, declinedBy: new Set() };
  const { sent, restricted, declinedBy } = state;
  return { sent, restricted, declinedBy: new Set(declinedBy) };
}

/** @param row undefined if the entry is absent */
export function toEntries(entry: EntryKey, row: Pick<AccountStateRow, 'state'> | undefined): LoadedEntries {
  const state = row?.state;
  return {
    relations: new Map(entry.kind === 'relation' ? [[entry.memberId, state as Relation | undefined]] : []),
    invitations: new Map(
      entry.kind === 'invitation' ? [[entry.invitationId, state as Invitation | undefined]] : [],
    ),
    processedCommandIds: new Map(entry.kind === 'command' ? [[entry.commandId, state !== undefined]] : []),
  };
}
