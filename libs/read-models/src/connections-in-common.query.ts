import type { Queryable } from '#libs/platform';

/** Members with more connections are not counted: a number of the newest ones alone would be wrong. */
const MAX_CONNECTIONS = 1_000;

/** The newest connections of a member, and one more if there are too many. */
const connectionsOf = (member: string): string => `SELECT other_id FROM read_models.connections
    WHERE member_id = ${member} ORDER BY since DESC, other_id DESC LIMIT ${MAX_CONNECTIONS + 1}`;

/**
 * Counts the connections that the viewer has in common with each of the others. Only connections count, which both members know of,
 * never an invitation. One without any in common is missing, and so is one with more than MAX_CONNECTIONS; of a viewer with more, all are.
 */
export async function countConnectionsInCommon(
  db: Queryable,
  viewerId: string,
  otherIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (otherIds.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; shared: number }>({
    name: 'count connections in common',
    text: `WITH mine AS MATERIALIZED (${connectionsOf('$1')})
      SELECT asked.id, theirs.shared FROM (SELECT DISTINCT unnest($2::text[]) AS id) asked
        CROSS JOIN LATERAL (
          SELECT count(*) AS total, (count(*) FILTER (WHERE other_id IN (SELECT other_id FROM mine)))::int AS shared
          FROM (${connectionsOf('asked.id')}) newest) theirs
      WHERE theirs.shared > 0 AND theirs.total <= ${MAX_CONNECTIONS}
        AND (SELECT count(*) FROM mine) <= ${MAX_CONNECTIONS}`,
    values: [viewerId, [...otherIds]],
  });
  return new Map(rows.map(({ id, shared }) => [id, shared]));
}
