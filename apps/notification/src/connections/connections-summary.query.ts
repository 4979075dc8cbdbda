import type { ConnectionsSummary } from '#libs/mail';
import type { Queryable } from '#libs/platform';

/** R14: a member's connections, seen by another. Names come from the newest of those in common. */
export async function findConnectionsSummary(
  db: Queryable,
  memberId: string,
  seenBy: string,
): Promise<ConnectionsSummary> {
  const { rows } = await db.query<ConnectionsSummary>(
    `WITH theirs AS (SELECT other_id, since FROM notification.connections WHERE member_id = $1),
          common AS (SELECT theirs.other_id, theirs.since FROM theirs
                     JOIN notification.connections ours ON ours.member_id = $2 AND ours.other_id = theirs.other_id)
     SELECT (SELECT count(*) FROM theirs)::integer AS total,
            (SELECT count(*) FROM common)::integer AS "inCommon",
            ARRAY(SELECT name FROM common JOIN notification.members ON id = other_id
                  ORDER BY since DESC, id LIMIT 3) AS "namesInCommon"`,
    [memberId, seenBy],
  );
  return rows[0]!;
}
