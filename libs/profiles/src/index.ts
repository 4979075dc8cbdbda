export {
  MemberDirectory,
  OffsetFence,
  type MemberUpdate,
  type ReadTopicOffsets,
  type SaveMembers,
} from './member-directory.js';
export { ProfileMetrics } from './profile-metrics.js';
export { profileMigrations, SHARED_PROFILE_TABLES, type ProfileTables } from './profile-tables.js';
export {
  findMemberContact,
  findMemberFacts,
  saveMembers,
  type MemberFacts,
  type MemberProfile,
  type RecipientProfile,
} from './members.table.js';
export { MemberSweeper, type MemberSweeperSettings } from './member-sweeper.js';
export { describeSweep, sweepMembers, type Sweep, type SweepSettings } from './sweep-members.js';
