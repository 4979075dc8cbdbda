export {
  accountRestrictionProjection,
  findAccountRestriction,
  type AccountRestriction,
  type AccountRestrictionRow,
} from './account-restriction.projection.js';
export { archiveProjection, type ArchiveRow } from './archive.projection.js';
export {
  findConnectedMembers,
  findNewConnection,
  type ConnectedMember,
  type NewConnection,
} from './connected-members.query.js';
export { countConnectionsInCommon } from './connections-in-common.query.js';
export { connectionsProjection, type ConnectionRow } from './connections.projection.js';
export {
  claimDueExpiries,
  deleteSettledExpiryClaims,
  releaseExpiries,
  type ClaimedExpiry,
  type ExpiryClaimSettings,
} from './due-expiries.table.js';
export {
  claimDueReminders,
  deleteExpiredReminderClaims,
  dueWindows,
  releaseReminders,
  type ClaimedReminder,
  type DueWindow,
  type ReminderClaimSettings,
} from './due-reminders.table.js';
export { inboxProjection, type InboxRow } from './inbox.projection.js';
export { findArchive, findConnections, findInbox, type Connection } from './invitation-lists.query.js';
export {
  findCounterpart,
  findInvitationListState,
  findLinkedInvitation,
  findOpenInvitation,
  findRepliedInvitations,
  findSentInvitation,
  findSupersedingInvitation,
  type Counterpart,
  type InvitationListState,
  type ReceivedInvitation,
  type SentInvitationSummary,
} from './invitation.query.js';
export {
  findInboxNews,
  findMemberOverview,
  MAX_COUNTED,
  type InboxNews,
  type MemberOverview,
} from './member-overview.query.js';
export { findRelatedMember, type RelatedMember, type Relation } from './member-relation.query.js';
export { findOpenness, type Openness } from './invitation-openness.query.js';
export { readModelMigrations } from './migrations.js';
export {
  findOneSidedConnections,
  lacksConnection,
  type OneSidedConnection,
  type OneSidedConnections,
  type ReadAccount,
} from './one-sided-connections.query.js';
export { InvalidCursorError, type Page, type PageRequest } from './pagination.js';
export { remindersProjection, type ReminderRow } from './reminders.projection.js';
export {
  findEarlierReplies,
  findSent,
  findSentHistory,
  type EarlierInvitation,
  type EarlierReply,
  type SentInvitation,
} from './sent-invitations.query.js';
export { sentProjection, type SentRow, type SentStatus } from './sent.projection.js';
export { findVisibleProfile, type VisibleProfile } from './visible-profile.query.js';
