import type { Queryable } from '#libs/platform';

/** What this side of the service needs of a member (D13). */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
  readonly email: string;
  readonly takesInvitations: boolean;
}

/** Writes the members that are given, and removes those whose profile is null. The last of several for one id counts. */
export async function saveMembers(
  tx: Queryable,
  profiles: ReadonlyMap<string, Member | null>,
): Promise<void> {
  const present = [...profiles.values()].filter((member) => member !== null);
  const gone = [...profiles].filter(([, member]) => member === null).map(([id]) => id);
  if (gone.length > 0) await tx.query('DELETE FROM read_models.members WHERE id = ANY($1)', [gone]);
  if (present.length === 0) return;
  await tx.query(
    `INSERT INTO read_models.members (id, name, headline, profile_url, email, takes_invitations)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[])
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline,
       profile_url = excluded.profile_url, email = excluded.email, takes_invitations = excluded.takes_invitations`,
    [
      present.map(({ id }) => id),
      present.map(({ name }) => name),
      present.map(({ headline }) => headline),
      present.map(({ profileUrl }) => profileUrl),
      present.map(({ email }) => email),
      present.map(({ takesInvitations }) => takesInvitations),
    ],
  );
}

/** What deciding needs to know of a recipient. */
export interface RecipientRecord {
  readonly email: string;
  readonly takesInvitations: boolean;
}

export async function findRecipients(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecipientRecord>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<RecipientRecord & { id: string }>(
    'SELECT id, email, takes_invitations AS "takesInvitations" FROM read_models.members WHERE id = ANY($1)',
    [ids],
  );
  return new Map(rows.map(({ id, ...record }) => [id, record]));
}

/** The name under which a member is shown; undefined where their profile is not known. */
export async function findMemberName(db: Queryable, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>('SELECT name FROM read_models.members WHERE id = $1', [
    id,
  ]);
  return rows[0]?.name;
}
