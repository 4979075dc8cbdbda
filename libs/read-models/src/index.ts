export {
  accountRestrictionProjection,
  type AccountRestrictionRow,
} from './account-restriction/account-restriction.projection.js';
export {
  findAccountRestriction,
  type AccountRestriction,
} from './account-restriction/account-restriction.query.js';
export { connectionsProjection, type ConnectionRow } from './connections/connections.projection.js';
export { findConnections, type Connection } from './connections/connections.query.js';
export { archiveProjection, type ArchiveRow } from './archive/archive.projection.js';
export {
  findOutcomes,
  storeOutcomes,
  type StoredOutcome,
} from './command-outcomes/command-outcomes.table.js';
export { findRedriven, storeRedriven, type MessagePlace } from './dead-letters/redriven.table.js';
export { inboxProjection, type InboxRow } from './inbox/inbox.projection.js';
export { findListing, type InvitationListing } from './invitation-listing.query.js';
export { findOtherName, findReplied } from './invitation-parties.query.js';
export { findAcquaintance, type Acquaintance } from './members/acquaintance.query.js';
export {
  findMemberName,
  findRecipients,
  saveMembers,
  type Member,
  type RecipientRecord,
} from './members/members.table.js';
export {
  holdProfilePlace,
  isUnknown,
  moveProfilePlace,
  placeAfter,
  type ProfilePlace,
} from './members/profile-places.table.js';
export { readModelMigrations } from './migrations.js';
export { InvalidCursor, type Page, type PageRequest } from './page.js';
export {
  returnSharedToken,
  sweepSharedBuckets,
  takeSharedToken,
  type SharedBucket,
} from './rate-limits/rate-limits.table.js';
export {
  claimDueReminders,
  putBackReminders,
  sweepAskedReminders,
  type ClaimedReminder,
  type ClaimSettings,
} from './reminders/due-reminders.table.js';
export { dueWindows, type DueWindow } from './reminders/due-windows.js';
export { remindersProjection, type ReminderRow } from './reminders/reminders.projection.js';
export { findInviters } from './sent/inviters.query.js';
export { sentProjection, type SentRow, type SentStatus } from './sent/sent.projection.js';
export { findSentTo, type SentTo } from './sent/sent-invitation.query.js';
export { findSent, type SentInvitation } from './sent/sent.query.js';
export {
  findArchive,
  findInbox,
  findOpenInvitation,
  type WaitingInvitation,
} from './waiting-invitations.query.js';
