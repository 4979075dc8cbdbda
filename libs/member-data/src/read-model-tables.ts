import type { MemberTable } from './member-table.js';

const INVITATION = ['invitation_id', 'inviter_id', 'recipient_id', 'message'] as const;
const MESSAGE_OF_INVITER = [{ column: 'message', writtenBy: 'inviter_id = given.id' }] as const;

/** The id of an invitation begins with its inviter's, which contains no dot. */
const OF_INVITER = `split_part(invitation_id, '.', 1) = given.id`;

const NO_MEMBERS = 'names no member';

/** What the schema `read_models` holds of a member. */
export const READ_MODEL_TABLES: readonly MemberTable[] = [
  {
    name: 'read_models.members',
    columns: ['id', 'name', 'headline', 'profile_url', 'email'],
    owned: 'members.id = given.id',
  },
  {
    name: 'read_models.inbox',
    isReadModel: true,
    columns: INVITATION,
    owned: 'recipient_id = given.id',
    texts: MESSAGE_OF_INVITER,
  },
  {
    name: 'read_models.archive',
    isReadModel: true,
    columns: INVITATION,
    owned: 'recipient_id = given.id',
    texts: MESSAGE_OF_INVITER,
  },
  {
    name: 'read_models.sent',
    isReadModel: true,
    columns: [...INVITATION, 'status', 'reply'],
    owned: 'inviter_id = given.id',
    texts: [{ column: 'reply', writtenBy: 'recipient_id = given.id' }],
  },
  {
    name: 'read_models.connections',
    isReadModel: true,
    columns: ['pair', 'member_id', 'other_id'],
    owned: 'given.id IN (member_id, other_id)',
  },
  {
    name: 'read_models.account_restriction',
    isReadModel: true,
    columns: ['account_id'],
    owned: 'account_id = given.id',
  },
  {
    name: 'read_models.account_state',
    isReadModel: true,
    columns: ['key', 'state'],
    owned: `split_part(key, ' ', 1) = given.id`,
  },
  { name: 'read_models.reminders', isReadModel: true, columns: ['invitation_id'], owned: OF_INVITER },
  { name: 'read_models.reminders_asked', columns: ['invitation_id'], owned: OF_INVITER },
  { name: 'read_models.expiry_asked', columns: ['invitation_id'], owned: OF_INVITER },
  {
    name: 'read_models.command_outcomes',
    columns: ['actor_id', 'refusal'],
    owned: 'actor_id = given.id',
  },
  {
    name: 'read_models.command_claims',
    columns: ['account_id', 'actor_id', 'digest'],
    owned: 'actor_id = given.id',
    kept: 'claims of what others did in the account stay theirs',
  },
  {
    name: 'read_models.rate_limits',
    columns: ['bucket'],
    owned: `given.id = ANY(string_to_array(bucket, ' '))`,
  },
  {
    name: 'read_models.author_keys',
    columns: ['author_id', 'wrapping_key', 'wrapped'],
    kept: 'the row without a key is the record of the erasure, so that no key is created again',
  },
  {
    name: 'read_models.parked_accounts',
    columns: ['projection', 'account_id', 'error', 'wanted'],
    kept: 'operators decide about parked accounts; the rows go when the account is retried or its events are skipped',
  },
  {
    name: 'read_models.parked_events',
    columns: ['projection', 'account_id', 'event'],
    kept: 'events as the log has them, with encrypted texts; they go with the parked account',
  },
  {
    name: 'read_models.removed_members',
    columns: ['id'],
    kept: 'the id alone, so that a member who was removed does not act any more',
  },
  {
    name: 'read_models.operator_actions',
    columns: ['operator', 'action', 'why'],
    kept: 'the record of what operators did; it names members by their ids',
  },
  {
    name: 'read_models.last_append',
    columns: ['account_id'],
    kept: 'one row, which the next append replaces',
  },
  { name: 'read_models.projections', columns: ['name'], kept: NO_MEMBERS },
  { name: 'read_models.slices', columns: ['projection', 'owner'], kept: NO_MEMBERS },
  { name: 'read_models.replicas', columns: ['projection', 'replica'], kept: NO_MEMBERS },
  { name: 'read_models.profile_places', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'read_models.profile_sweeps', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'read_models.topic_partitions', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'read_models.dead_letters_redriven', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'read_models.restored_log_reports', columns: ['reporter', 'reason'], kept: NO_MEMBERS },
  { name: 'read_models.expiry_pace', columns: [], kept: NO_MEMBERS },
  { name: 'read_models.migrations', columns: ['name', 'md5'], kept: NO_MEMBERS },
];
