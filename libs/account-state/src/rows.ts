import type { AccountHead, Invitation, LoadedEntries, Relation } from '#libs/invitation';

/** What a row's key names. No account id contains a blank. */
export type EntryKey =
  | { readonly kind: 'head'; readonly accountId: string }
  | { readonly kind: 'relation'; readonly accountId: string; readonly memberId: string }
  | { readonly kind: 'invitation'; readonly accountId: string; readonly invitationId: string }
  | { readonly kind: 'command'; readonly accountId: string; readonly commandId: string };

export const headKey = (accountId: string): string => accountId;
export const relationKey = (accountId: string, memberId: string): string => `${accountId} r ${memberId}`;
export const invitationKey = (accountId: string, invitationId: string): string =>
  `${accountId} i ${invitationId}`;
export const commandKey = (accountId: string, commandId: string): string => `${accountId} c ${commandId}`;

export function parseKey(key: string): EntryKey {
  const end = key.indexOf(' ');
  if (end < 0) return { kind: 'head', accountId: key };
  const accountId = key.slice(0, end);
  const id = key.slice(end + 3);
  const kind = key[end + 1];
  if (kind === 'r') return { kind: 'relation', accountId, memberId: id };
  if (kind === 'i') return { kind: 'invitation', accountId, invitationId: id };
  if (kind === 'c') return { kind: 'command', accountId, commandId: id };
  throw new Error(`not a key of account_state: ${key}`);
}

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
  /** Absent in heads of accounts that are not closed. */
  readonly closed?: true;
  readonly declinedBy: readonly string[];
}

export function toHead(state: HeadState | undefined): AccountHead {
  if (state === undefined) return { sent: 0, restricted: false, closed: false, declinedBy: new Set() };
  const { sent, restricted, closed = false, declinedBy } = state;
  return { sent, restricted, closed, declinedBy: new Set(declinedBy) };
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
