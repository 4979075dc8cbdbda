import type { RecordedEvent } from '#libs/event-store/reading';
import { currentVersion, type InvitationEvent } from '#libs/invitation';

/** An event as it is stored, and in today's form. */
export interface ReadEvent {
  readonly recorded: RecordedEvent;
  readonly event: InvitationEvent;
}

export type Value = string | number | bigint | undefined;

/** A column of the events' table, wherever that is: a line of JSON has the same names, and leaves out what is not there. */
export interface Column {
  readonly name: string;
  /** DuckDB's. */
  readonly type: 'VARCHAR' | 'UBIGINT' | 'INTEGER' | 'TIMESTAMP';
  /** Instants as ISO 8601 text in UTC. */
  readonly of: (read: ReadEvent) => Value;
}

/** A field that only some events have. */
const field = (name: string, type: Column['type'], key: string): Column => ({
  name,
  type,
  of: ({ event }) => (event as unknown as Record<string, Value>)[key],
});

/** Events in today's form: where they stand in the log, then what they say. */
export const COLUMNS: readonly Column[] = [
  { name: 'position', type: 'UBIGINT', of: ({ recorded }) => recorded.position.commit },
  { name: 'id', type: 'VARCHAR', of: ({ recorded }) => recorded.id },
  { name: 'type', type: 'VARCHAR', of: ({ event }) => event.type },
  { name: 'version', type: 'INTEGER', of: ({ event }) => currentVersion(event.type) },
  { name: 'account_id', type: 'VARCHAR', of: ({ recorded }) => recorded.accountId },
  { name: 'revision', type: 'UBIGINT', of: ({ recorded }) => recorded.revision },
  { name: 'recorded_at', type: 'TIMESTAMP', of: ({ recorded }) => recorded.created.toISOString() },
  { name: 'command_id', type: 'VARCHAR', of: ({ event }) => event.commandId },
  // Not `at`: that is a word of SQL's, in DuckDB.
  { name: 'happened_at', type: 'TIMESTAMP', of: ({ event }) => event.at },
  field('invitation_id', 'VARCHAR', 'invitationId'),
  field('inviter_id', 'VARCHAR', 'inviterId'),
  field('recipient_id', 'VARCHAR', 'recipientId'),
  field('message', 'VARCHAR', 'message'),
  field('supersedes', 'VARCHAR', 'supersedes'),
  field('via', 'VARCHAR', 'via'),
  field('ordinal', 'INTEGER', 'ordinal'),
  field('valid_until', 'TIMESTAMP', 'validUntil'),
  field('operator_id', 'VARCHAR', 'operatorId'),
  field('reason', 'VARCHAR', 'reason'),
  field('member_id', 'VARCHAR', 'memberId'),
  field('through', 'VARCHAR', 'through'),
  field('closes', 'VARCHAR', 'closes'),
];
