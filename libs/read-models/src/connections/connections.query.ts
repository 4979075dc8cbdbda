import type { Queryable } from '#libs/platform';
import { pageOf, type Page, type PageRequest } from '../page.js';

/** A connection as one of the two sees it. */
export interface Connection {
  readonly memberId: string;
  readonly since: string;
}

const QUERY = `SELECT other_id AS "memberId", since FROM read_models.connections
  WHERE member_id = $1 AND (since, other_id) < ($2, $3)
  ORDER BY since DESC, other_id DESC LIMIT $4`;

export function findConnections(
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<Connection>> {
  return pageOf(
    page,
    async ({ at, id }, limit) => (await db.query<Connection>(QUERY, [memberId, at, id, limit])).rows,
    ({ since, memberId: other }) => ({ at: since, id: other }),
  );
}
