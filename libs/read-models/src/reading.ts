/** What of this library cannot write: the folds, which the live tables are made by as well. */
export {
  accountRestrictionProjection,
  type AccountRestrictionRow,
} from './account-restriction/account-restriction.projection.js';
export { archiveProjection, type ArchiveRow } from './archive/archive.projection.js';
export { connectionsProjection, type ConnectionRow } from './connections/connections.projection.js';
export { inboxProjection, type InboxRow } from './inbox/inbox.projection.js';
export { remindersProjection, type ReminderRow } from './reminders/reminders.projection.js';
export { sentProjection, type SentRow, type SentStatus } from './sent/sent.projection.js';
export type { InvitationRow } from './invitation-row.js';
