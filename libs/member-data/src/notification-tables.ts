import type { MemberTable } from './member-table.js';

/** SQL: as the notification app hashes addresses. */
const hashOf = (address: string): string => `sha256(convert_to(lower(${address}), 'UTF8'))`;

/** Another member may have the same address, and then it stays suppressed. */
const OF_ADDRESS = `address_hash IN (SELECT ${hashOf('address')} FROM unnest(given.addresses) AS address)
  AND NOT EXISTS (SELECT FROM notification.members m WHERE ${hashOf('m.email')} = address_hash AND m.id <> given.id)`;

/** SQL: whether bytes name the member as a JSON value, or name an invitation of theirs. */
const namesMember = (bytes: string): string =>
  `position(convert_to('"' || given.id || '"', 'UTF8') IN ${bytes}) > 0
   OR position(convert_to('"' || given.id || '.', 'UTF8') IN ${bytes}) > 0`;

/** An e-mail without its content cannot be sent. Nor can a worker that has claimed it: it checks its claim before it sends. */
const SUPPRESS_IF_QUEUED = `(state, reason, settled_at, claim) = (
  SELECT 'suppressed', 'MEMBER_UNKNOWN', now(), NULL::uuid WHERE state = 'queued'
  UNION ALL SELECT state, reason, settled_at, claim WHERE state <> 'queued')`;

const NO_MEMBERS = 'names no member';

/** What the schema `notification` holds of a member. */
export const NOTIFICATION_TABLES: readonly MemberTable[] = [
  { name: 'notification.bounced_addresses', columns: ['address_hash'], owned: OF_ADDRESS },
  { name: 'notification.unclear_refusals', columns: ['address_hash'], owned: OF_ADDRESS },
  {
    name: 'notification.connections',
    columns: ['member_id', 'other_id'],
    owned: 'given.id IN (member_id, other_id)',
  },
  { name: 'notification.email_preferences', columns: ['member_id'], owned: 'member_id = given.id' },
  {
    name: 'notification.recent_refusals',
    columns: ['recipient_id', 'kind', 'address_hash', 'stage', 'effect', 'content'],
    owned: 'recipient_id = given.id',
    texts: [
      {
        column: 'content',
        writtenBy: `EXISTS (SELECT FROM notification.deliveries d
          WHERE d.about_id = given.id AND (d.event_id, d.recipient_id, d.kind) =
            (recent_refusals.event_id, recent_refusals.recipient_id, recent_refusals.kind))`,
      },
    ],
  },
  {
    name: 'notification.deliveries',
    columns: [
      'recipient_id',
      'kind',
      'about_id',
      'content',
      'state',
      'reason',
      'invitation_id',
      'traceparent',
    ],
    owned: 'recipient_id = given.id',
    // The text in an e-mail is by the member whom it is about.
    texts: [{ column: 'content', writtenBy: 'about_id = given.id', alsoSet: SUPPRESS_IF_QUEUED }],
  },
  {
    name: 'notification.dead_letters',
    columns: ['topic', 'key', 'value', 'headers', 'reason'],
    owned: `key = convert_to(given.id, 'UTF8') OR ${namesMember('value')}`,
  },
  {
    name: 'notification.members',
    columns: ['id', 'name', 'headline', 'profile_url', 'email', 'locale'],
    owned: 'members.id = given.id',
  },
  { name: 'notification.profile_offsets', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'notification.profile_sweeps', columns: ['topic'], kept: NO_MEMBERS },
  { name: 'notification.migrations', columns: ['name', 'md5'], kept: NO_MEMBERS },
];
