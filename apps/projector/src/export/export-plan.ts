/** The parts of an export that come from tables. */
export type ExportSection =
  | 'profile'
  | 'emailProfile'
  | 'emailPreferences'
  | 'restriction'
  | 'sentInvitations'
  | 'inbox'
  | 'archive'
  | 'connections'
  | 'commands'
  | 'emails'
  | 'bouncedAddresses';

type Row = Readonly<Record<string, unknown>>;

export interface ExportedTable {
  readonly section: ExportSection;
  /** Rows are ordered by these columns, the first one first. */
  readonly columns: readonly string[];
  /** Which of the member's own rows are exported; all of them if it is absent. */
  readonly isExported?: (row: Row, memberId: string) => boolean;
}

export interface OmittedTable {
  /** Why the member does not get the rows, for operators and for the member who asks. */
  readonly why: string;
}

const SILENCE = 'shows what recipients did in silence, which no inviter can learn (R20, R29, D1)';
const OPERATION = 'is about the operation of the service; an operator deals with it and deletes it';
const NO_MEMBERS = 'names no member';

/** For each table of the service: what a member gets of it, or why nothing. */
export const EXPORT_PLAN: Readonly<Record<string, ExportedTable | OmittedTable>> = {
  'read_models.members': {
    section: 'profile',
    columns: ['id', 'name', 'headline', 'profile_url', 'email', 'takes_invitations'],
  },
  'notification.members': {
    section: 'emailProfile',
    columns: ['id', 'name', 'headline', 'profile_url', 'email', 'locale', 'takes_invitations'],
  },
  'notification.email_preferences': {
    section: 'emailPreferences',
    columns: ['updated_at', 'all_kinds', 'invitations', 'reminders', 'acceptances', 'replies'],
  },
  // Not since when: the time of a restriction is that of a decline.
  'read_models.account_restriction': { section: 'restriction', columns: ['restricted'] },
  'read_models.sent': {
    section: 'sentInvitations',
    columns: ['sent_at', 'invitation_id', 'recipient_id', 'message', 'status', 'reply', 'replied_at'],
  },
  'read_models.inbox': {
    section: 'inbox',
    columns: ['sent_at', 'invitation_id', 'inviter_id', 'message'],
  },
  'read_models.archive': {
    section: 'archive',
    columns: ['sent_at', 'invitation_id', 'inviter_id', 'message', 'ignored', 'restored'],
    // The others are in the inbox.
    isExported: ({ ignored, restored }) => ignored === true || restored === true,
  },
  'read_models.connections': {
    section: 'connections',
    columns: ['since', 'other_id'],
    // Each connection has a row for either side.
    isExported: ({ member_id: memberId }, id) => memberId === id,
  },
  'read_models.command_outcomes': { section: 'commands', columns: ['decided_at', 'command_id', 'refusal'] },
  'notification.deliveries': {
    section: 'emails',
    columns: ['happened_at', 'kind', 'about_id', 'invitation_id', 'state', 'settled_at'],
    // Why an e-mail was not sent can be that its inviter has withdrawn, of which nobody is told (R33).
    isExported: ({ state }) => state === 'sent' || state === 'unknown',
  },
  'notification.bounced_addresses': { section: 'bouncedAddresses', columns: ['at', 'smtp_code'] },

  'notification.connections': { why: 'has the same connections as read_models.connections' },
  'notification.recent_refusals': {
    why: 'has what a mail server said about an e-mail, for some days; that its address does not work is in the export',
  },
  'notification.unclear_refusals': { why: 'has a hash of an address and a time, until the next e-mail' },
  'notification.dead_letters': { why: OPERATION },
  'read_models.account_state': { why: SILENCE },
  'read_models.reminders': { why: SILENCE },
  'read_models.reminders_asked': { why: SILENCE },
  'read_models.expiry_asked': { why: 'repeats which sent invitations are open, for the work of the service' },
  'read_models.command_claims': { why: 'has digests of commands; the commands are in the export' },
  'read_models.rate_limits': {
    why: 'counts requests of the last hours, from which limits could be computed (R3)',
  },
  'read_models.author_keys': { why: 'has the secret that encrypts the texts; the export has the texts' },
  'read_models.parked_accounts': { why: OPERATION },
  'read_models.parked_events': { why: 'repeats events of the log, until an operator has dealt with them' },
  'read_models.removed_members': { why: 'has the id alone of a member who was removed' },
  'read_models.operator_actions': { why: 'records what operators did, not what the member did' },
  'read_models.last_append': { why: 'has one account id, which the next append replaces' },
  'read_models.projections': { why: NO_MEMBERS },
  'read_models.slices': { why: NO_MEMBERS },
  'read_models.replicas': { why: NO_MEMBERS },
  'read_models.profile_places': { why: NO_MEMBERS },
  'read_models.profile_sweeps': { why: NO_MEMBERS },
  'read_models.topic_partitions': { why: NO_MEMBERS },
  'read_models.dead_letters_redriven': { why: NO_MEMBERS },
  'read_models.restored_log_reports': { why: NO_MEMBERS },
  'read_models.expiry_pace': { why: NO_MEMBERS },
  'read_models.migrations': { why: NO_MEMBERS },
  'notification.profile_offsets': { why: NO_MEMBERS },
  'notification.profile_sweeps': { why: NO_MEMBERS },
  'notification.migrations': { why: NO_MEMBERS },
};

/** @returns what a member gets of a row, with the rows in a fixed order */
export function pickRows(table: ExportedTable, rows: readonly Row[], memberId: string): readonly Row[] {
  const { columns, isExported = () => true } = table;
  return rows
    .filter((row) => isExported(row, memberId))
    .map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])))
    .map((row) => ({ row, order: JSON.stringify(row) }))
    .toSorted((one, other) => (one.order < other.order ? -1 : 1))
    .map(({ row }) => row);
}
