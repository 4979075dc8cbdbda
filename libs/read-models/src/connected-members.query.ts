import type { Queryable } from '#libs/platform';
import { paginate, type Page, type PageRequest } from './pagination.js';

/** A connection with the profile of the other member. Connections see each other's address (R14). */
export interface ConnectedMember {
  readonly memberId: string;
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
  /** Empty if it is not known. */
  readonly email: string;
  readonly since: string;
}

/** A member whose profile was removed is shown by their id. */
const CONNECTED = `SELECT c.other_id AS "memberId", coalesce(m.name, c.other_id) AS name,
    coalesce(m.headline, '') AS headline, coalesce(m.profile_url, '') AS "profileUrl",
    coalesce(m.email, '') AS email, c.since
  FROM (SELECT * FROM read_models.connections WHERE member_id = $1 AND (since, other_id) < ($2, $3)
    ORDER BY since DESC, other_id DESC LIMIT $4) c
  LEFT JOIN read_models.members m ON m.id = c.other_id
  ORDER BY c.since DESC, c.other_id DESC`;

/** The member's connections, newest first. */
export const findConnectedMembers = (
  db: Queryable,
  memberId: string,
  page: PageRequest,
): Promise<Page<ConnectedMember>> =>
  paginate(
    page,
    async ({ at, id }, limit) =>
      (
        await db.query<ConnectedMember>({
          name: 'find connected members',
          text: CONNECTED,
          values: [memberId, at, id, limit],
        })
      ).rows,
    ({ since, memberId: otherId }) => ({ at: since, id: otherId }),
  );

/** A connection that has just been made, as its new connection sees it. */
export interface NewConnection extends Omit<ConnectedMember, 'since'> {
  /** Connections that both have, at most MAX_IN_COMMON. */
  readonly inCommon: number;
}

/** Counting stops here. */
const MAX_IN_COMMON = 100;

/** Only for a member who has just been connected with the other: the address is for connections. */
export async function findNewConnection(
  db: Queryable,
  memberId: string,
  otherId: string,
): Promise<NewConnection> {
  const { rows } = await db.query<Omit<NewConnection, 'memberId'>>({
    name: 'find new connection',
    text: `SELECT coalesce(m.name, $2) AS name, coalesce(m.headline, '') AS headline,
       coalesce(m.profile_url, '') AS "profileUrl", coalesce(m.email, '') AS email,
       (SELECT count(*)::int FROM (
          SELECT FROM read_models.connections mine
          JOIN read_models.connections theirs ON theirs.pair = $2 || ' ' || mine.other_id
          WHERE mine.member_id = $1 LIMIT ${MAX_IN_COMMON}) AS shared) AS "inCommon"
     FROM (SELECT) AS one LEFT JOIN read_models.members m ON m.id = $2`,
    values: [memberId, otherId],
  });
  return { memberId: otherId, ...rows[0]! };
}
