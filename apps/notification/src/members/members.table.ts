import { isAnyErased } from '#libs/author-keys/read-only';
import type { UsableProfile } from '#libs/contracts';
import { toPostgresText, type Queryable } from '#libs/platform';
import type { ProfileTables } from '#libs/profiles';
import { isClosedAccount } from '#libs/account-state';
import type { ConnectionsSummary } from '#libs/mail';

/** The tables in which this app keeps members, and how far it has consumed their topic. */
export const PROFILE_TABLES: ProfileTables = {
  members: 'notification.members',
  offsets: 'notification.profile_offsets',
  nextOffsetColumn: 'next_offset',
  sweeps: 'notification.profile_sweeps',
};

/** What e-mails need to know about a member. */
export interface Member {
  readonly id: string;
  /** Empty where the profile has no usable name. */
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
  /** Canonical; empty where the profile has no usable address. */
  readonly email: string;
  readonly locale: string | null;
}

export async function findMembers(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Member>> {
  const { rows } = await db.query<Member>(
    `SELECT id, name, headline, profile_url AS "profileUrl", email, locale
     FROM notification.members WHERE id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map((member) => [member.id, member]));
}

/**
 * Inserts or updates members, and deletes those whose profile is null. One who was erased is not inserted. A name or an address that is not usable is stored
 * as an empty text.
 */
export async function saveMembers(
  tx: Queryable,
  profiles: ReadonlyMap<string, UsableProfile | null>,
): Promise<void> {
  const present = [...profiles].flatMap(([id, profile]) => (profile === null ? [] : [{ id, ...profile }]));
  const removed = [...profiles].filter(([, profile]) => profile === null).map(([id]) => id);
  if (removed.length > 0) await tx.query('DELETE FROM notification.members WHERE id = ANY($1)', [removed]);
  if (present.length === 0) return;
  await tx.query(
    `INSERT INTO notification.members (id, name, headline, profile_url, email, locale, takes_invitations)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
       AS given (id, name, headline, profile_url, email, locale, takes_invitations)
     WHERE NOT ${isAnyErased('given.id')}
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline,
       profile_url = excluded.profile_url, email = excluded.email, locale = excluded.locale,
       takes_invitations = excluded.takes_invitations`,
    [
      present.map(({ id }) => id),
      present.map(({ name }) => toPostgresText(name ?? '')),
      present.map(({ headline }) => toPostgresText(headline)),
      present.map(({ profileUrl }) => toPostgresText(profileUrl)),
      present.map(({ email }) => toPostgresText(email ?? '')),
      present.map(({ locale }) => locale ?? null),
      present.map(({ takesInvitations }) => takesInvitations),
    ],
  );
}

/** SQL: whether the recipient of the delivery `d` has no usable address; null where the recipient has no profile. */
export const HAS_NO_ADDRESS = `(SELECT m.email = '' FROM notification.members m WHERE m.id = d.recipient_id)`;

export interface Connection {
  readonly between: readonly [string, string];
  /** ISO 8601. */
  readonly since: string;
}

/** Inserts a row for each side, unless one of the two was erased. Members who are already connected keep the instant of their first connection. */
export async function saveConnections(tx: Queryable, connections: readonly Connection[]): Promise<void> {
  const sides = connections.flatMap(({ between: [a, b], since }) => [
    { memberId: a, otherId: b, since },
    { memberId: b, otherId: a, since },
  ]);
  await tx.query(
    `INSERT INTO notification.connections (member_id, other_id, since)
     SELECT DISTINCT ON (member_id, other_id) * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
       AS side (member_id, other_id, since)
     WHERE NOT ${isAnyErased('member_id', 'other_id')} ORDER BY member_id, other_id, since
     ON CONFLICT DO NOTHING`,
    [
      sides.map(({ memberId }) => memberId),
      sides.map(({ otherId }) => otherId),
      sides.map(({ since }) => since),
    ],
  );
}

/**
 * Summarizes a member's connections for another member (R14): how many there are, how many the two have in common, and
 * the names of the three newest of those. No topic tells of connections that ended, so those with closed accounts are left out
 * here (D23).
 */
export async function findConnectionsSummary(
  db: Queryable,
  memberId: string,
  viewerId: string,
): Promise<ConnectionsSummary> {
  const { rows } = await db.query<ConnectionsSummary>(
    `WITH theirs AS (SELECT other_id, since FROM notification.connections
                     WHERE member_id = $1 AND NOT ${isClosedAccount('other_id')}),
          common AS (SELECT theirs.other_id, theirs.since FROM theirs
                     JOIN notification.connections ours ON ours.member_id = $2 AND ours.other_id = theirs.other_id)
     SELECT (SELECT count(*) FROM theirs)::integer AS total,
            (SELECT count(*) FROM common)::integer AS "inCommon",
            ARRAY(SELECT name FROM common JOIN notification.members ON id = other_id
                  ORDER BY since DESC, id LIMIT 3) AS "namesInCommon"`,
    [memberId, viewerId],
  );
  return rows[0]!;
}
