import type { ConnectionsSummary } from '#libs/mail';
import type { Queryable } from '#libs/platform';

export interface Connection {
  readonly between: readonly [string, string];
  /** ISO 8601. */
  readonly since: string;
}

/** Inserts a row for each side. Members who are already connected keep the instant of their first connection. */
export async function saveConnections(tx: Queryable, connections: readonly Connection[]): Promise<void> {
  const sides = connections.flatMap(({ between: [a, b], since }) => [
    { memberId: a, otherId: b, since },
    { memberId: b, otherId: a, since },
  ]);
  await tx.query(
    `INSERT INTO notification.connections (member_id, other_id, since)
     SELECT DISTINCT ON (member_id, other_id) * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
       AS side (member_id, other_id, since) ORDER BY member_id, other_id, since
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
 * the names of the three newest of those.
 */
export async function findConnectionsSummary(
  db: Queryable,
  memberId: string,
  viewerId: string,
): Promise<ConnectionsSummary> {
  const { rows } = await db.query<ConnectionsSummary>(
    `WITH theirs AS (SELECT other_id, since FROM notification.connections WHERE member_id = $1),
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
