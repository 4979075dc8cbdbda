import type { RawEvent } from '#libs/event-store/read-only';
import { currentVersion, type InvitationEvent } from '#libs/invitation';

/** An event as it is stored, and the same event in its current version. */
export interface DecodedEvent {
  readonly raw: RawEvent;
  readonly event: InvitationEvent;
}

/** Null is a text that cannot be read any more; undefined is no value. */
export type ColumnValue = string | number | bigint | null | undefined;

/** A column of the table of events, in every format. A line of JSON has the same names and omits undefined values. */
export interface EventColumn {
  readonly name: string;
  /** The type in DuckDB. */
  readonly type: 'VARCHAR' | 'UBIGINT' | 'INTEGER' | 'TIMESTAMPTZ';
  /** An instant is ISO 8601 text in UTC. */
  readonly extract: (event: DecodedEvent) => ColumnValue;
}

/** A column for a field that only some types of events have. */
const field = (name: string, type: EventColumn['type'], key: string): EventColumn => ({
  name,
  type,
  extract: ({ event }) => (event as unknown as Record<string, ColumnValue>)[key],
});

/** The columns of events in their current version: first the position in the log, then the fields. */
export const COLUMNS: readonly EventColumn[] = [
  { name: 'position', type: 'UBIGINT', extract: ({ raw }) => raw.position.commit },
  { name: 'id', type: 'VARCHAR', extract: ({ raw }) => raw.id },
  { name: 'type', type: 'VARCHAR', extract: ({ event }) => event.type },
  { name: 'version', type: 'INTEGER', extract: ({ event }) => currentVersion(event.type) },
  { name: 'account_id', type: 'VARCHAR', extract: ({ raw }) => raw.accountId },
  { name: 'revision', type: 'UBIGINT', extract: ({ raw }) => raw.revision },
  { name: 'recorded_at', type: 'TIMESTAMPTZ', extract: ({ raw }) => raw.created.toISOString() },
  { name: 'command_id', type: 'VARCHAR', extract: ({ event }) => event.commandId },
  // Not `at`, which is a keyword of DuckDB's SQL.
  { name: 'happened_at', type: 'TIMESTAMPTZ', extract: ({ event }) => event.at },
  field('invitation_id', 'VARCHAR', 'invitationId'),
  field('inviter_id', 'VARCHAR', 'inviterId'),
  field('recipient_id', 'VARCHAR', 'recipientId'),
  field('message', 'VARCHAR', 'message'),
  field('supersedes', 'VARCHAR', 'supersedes'),
  field('via', 'VARCHAR', 'via'),
  field('ordinal', 'INTEGER', 'ordinal'),
  field('valid_until', 'TIMESTAMPTZ', 'validUntil'),
  field('operator_id', 'VARCHAR', 'operatorId'),
  field('reason', 'VARCHAR', 'reason'),
  field('member_id', 'VARCHAR', 'memberId'),
  field('leaver_id', 'VARCHAR', 'leaverId'),
  field('through', 'VARCHAR', 'through'),
  field('closes', 'VARCHAR', 'closes'),
];

/** The columns of events as they are stored, with their DuckDB types. */
export const RAW_COLUMNS = [
  ['position', 'UBIGINT'],
  ['id', 'VARCHAR'],
  ['type', 'VARCHAR'],
  ['account_id', 'VARCHAR'],
  ['revision', 'UBIGINT'],
  ['recorded_at', 'TIMESTAMPTZ'],
  ['data', 'JSON'],
  ['metadata', 'JSON'],
] as const;
