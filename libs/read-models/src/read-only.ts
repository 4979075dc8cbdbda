/** The part of this library that cannot write: the folds that also make the live tables, and one query. */
export {
  accountRestrictionProjection,
  type AccountRestrictionRow,
} from './account-restriction.projection.js';
export { archiveProjection, type ArchiveRow } from './archive.projection.js';
export { connectionsProjection, type ConnectionRow } from './connections.projection.js';
export { inboxProjection, type InboxRow } from './inbox.projection.js';
export type { InvitationRow } from './invitation-row.js';
export {
  findOneSidedConnections,
  type OneSidedConnection,
  type OneSidedConnections,
  type ReadAccount,
} from './one-sided-connections.query.js';
export { remindersProjection, type ReminderRow } from './reminders.projection.js';
export { sentProjection, type SentRow, type SentStatus } from './sent.projection.js';
