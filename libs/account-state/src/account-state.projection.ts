import { decodeEvent, type RawEvent } from '#libs/event-store/read-only';
import {
  assertNever,
  entriesChangedBy,
  evolve,
  initialState,
  loadEntries,
  partialAccount,
  type Account,
  type InvitationEvent,
  type AccountHead,
  type Invitation,
  type LoadedEntries,
  type Relation,
} from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';

/** An event with its place in the account's stream. */
export interface AccountEvent {
  readonly accountId: string;
  readonly revision: bigint;
  readonly id: string;
  readonly event: InvitationEvent;
}

/** @throws UnknownEventError */
export function toAccountEvent(raw: RawEvent): AccountEvent {
  const { accountId, revision, id } = raw;
  return { accountId, revision, id, event: decodeEvent(raw).event };
}

/**
 * The version of `evolve` and of the rows. Raise it when either changes what a row of an existing event is: heads of another
 * version are not used until the projection is rebuilt.
 */
export const FOLD_VERSION = 2;

/** The version of a head that is not the fold of the whole stream by one version. */
const UNUSABLE = 0;

/**
 * The state of every account, from which the command app decides (docs/adr/0017): a row for the head, and one for each relation,
 * invitation and processed command. Every row is folded by `evolve` on an account of which only that row is loaded.
 */
export const accountStateProjection: RowProjection<AccountEvent, AccountStateRow> = {
  name: 'account-state',
  version: FOLD_VERSION,
  table: {
    name: 'read_models.account_state',
    columns: { key: 'text', revision: 'bigint', state: 'jsonb' },
  },
  keysOf({ accountId, event }) {
    const { commandId, members, invitations } = entriesChangedBy(event);
    return [
      headKey(accountId),
      ...members.map((member) => relationKey(accountId, member)),
      ...invitations.map((invitation) => invitationKey(accountId, invitation)),
      commandKey(accountId, commandId),
    ];
  },
  erasure: {
    membersOf: ({ key }) => [parseKey(key).accountId],
    without: (row, isErased) => (isErased(parseKey(row.key).accountId) ? undefined : row),
  },
  fold(row, event, key) {
    const entry = parseKey(key);
    if (entry.kind === 'head') return foldHead(row, event, key);
    if (row !== undefined && event.revision <= BigInt(row.revision)) return row;
    const account = partialAccount(initialState());
    loadEntries(account, toEntries(entry, row));
    const state = stateOf(evolve(account, event.event), entry);
    return state === undefined ? row : { key, revision: event.revision.toString(), state };
  },
};

/**
 * A head is usable if one version has folded every event from the first one. A gap, as after an operator skipped an event, and
 * an event in the place of another one make it unusable.
 */
function foldHead(
  row: AccountStateRow | undefined,
  { event, revision, id }: AccountEvent,
  key: string,
): AccountStateRow {
  const state = row?.state as HeadState | undefined;
  const last = row === undefined ? -1n : BigInt(row.revision);
  if (row !== undefined && revision <= last) {
    const isRepeated = revision < last || state!.eventId === id;
    return isRepeated ? row : { ...row, state: { ...state!, fold: UNUSABLE } };
  }
  const isWhole = revision === last + 1n && (state === undefined || state.fold === FOLD_VERSION);
  const { sent, restricted, closed, declinedBy } = evolve(partialAccount(toHead(state)), event);
  return {
    key,
    revision: revision.toString(),
    state: {
      fold: isWhole ? FOLD_VERSION : UNUSABLE,
      eventId: id,
      sent,
      restricted,
      ...(closed ? { closed } : {}),
      declinedBy: [...declinedBy],
    },
  };
}

function stateOf(account: Account, entry: Exclude<EntryKey, { kind: 'head' }>): object | undefined {
  switch (entry.kind) {
    case 'relation':
      return account.relations.get(entry.memberId);
    case 'invitation':
      return account.invitations.get(entry.invitationId);
    case 'command':
      return account.processedCommandIds.has(entry.commandId) ? {} : undefined;
    default:
      return assertNever(entry);
  }
}

/** What a row's key names. No account id contains a blank. */
type EntryKey =
  | { readonly kind: 'head'; readonly accountId: string }
  | { readonly kind: 'relation'; readonly accountId: string; readonly memberId: string }
  | { readonly kind: 'invitation'; readonly accountId: string; readonly invitationId: string }
  | { readonly kind: 'command'; readonly accountId: string; readonly commandId: string };

export const headKey = (accountId: string): string => accountId;
export const relationKey = (accountId: string, memberId: string): string => `${accountId} r ${memberId}`;
export const invitationKey = (accountId: string, invitationId: string): string =>
  `${accountId} i ${invitationId}`;
export const commandKey = (accountId: string, commandId: string): string => `${accountId} c ${commandId}`;

function parseKey(key: string): EntryKey {
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
function toEntries(entry: EntryKey, row: Pick<AccountStateRow, 'state'> | undefined): LoadedEntries {
  const state = row?.state;
  return {
    relations: new Map(entry.kind === 'relation' ? [[entry.memberId, state as Relation | undefined]] : []),
    invitations: new Map(
      entry.kind === 'invitation' ? [[entry.invitationId, state as Invitation | undefined]] : [],
    ),
    processedCommandIds: new Map(entry.kind === 'command' ? [[entry.commandId, state !== undefined]] : []),
  };
}
