import type { Queryable } from '#libs/platform';

/** A profile as the profile service publishes it. A field that it does not publish in a usable form is undefined. */
export interface MemberProfile {
  readonly name: string | undefined;
  readonly headline: string;
  readonly profileUrl: string;
  readonly email: string | undefined;
  readonly takesInvitations: boolean;
}

/**
 * Stores the profiles, and deletes the members whose profile is null. A member without a name is shown by their id, like a
 * member whose profile was deleted. The stored address of a member without one is empty and matches no other.
 */
export async function saveMembers(
  tx: Queryable,
  profiles: ReadonlyMap<string, MemberProfile | null>,
): Promise<void> {
  const present = [...profiles].flatMap(([id, profile]) => (profile === null ? [] : [{ id, ...profile }]));
  const gone = [...profiles].filter(([, profile]) => profile === null).map(([id]) => id);
  if (gone.length > 0) await tx.query('DELETE FROM read_models.members WHERE id = ANY($1)', [gone]);
  if (present.length === 0) return;
  await tx.query(
    `INSERT INTO read_models.members (id, name, headline, profile_url, email, takes_invitations)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[])
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline,
       profile_url = excluded.profile_url, email = excluded.email, takes_invitations = excluded.takes_invitations`,
    [
      present.map(({ id }) => id),
      present.map(({ id, name }) => name ?? id),
      present.map(({ headline }) => headline),
      present.map(({ profileUrl }) => profileUrl),
      present.map(({ email }) => email ?? ''),
      present.map(({ takesInvitations }) => takesInvitations),
    ],
  );
}

/** The fields of a recipient that the rules depend on. */
export interface RecipientProfile {
  readonly email: string;
  readonly takesInvitations: boolean;
}

export async function findRecipients(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecipientProfile>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<RecipientProfile & { id: string }>({
    name: 'find recipients',
    text: 'SELECT id, email, takes_invitations AS "takesInvitations" FROM read_models.members WHERE id = ANY($1)',
    values: [ids],
  });
  return new Map(rows.map(({ id, ...record }) => [id, record]));
}

/** A member's name and e-mail address, which is empty if it is not known; undefined if the profile is not known. */
export async function findMemberContact(
  db: Queryable,
  id: string,
): Promise<{ readonly name: string; readonly email: string } | undefined> {
  const { rows } = await db.query<{ name: string; email: string }>({
    name: 'find member contact',
    text: 'SELECT name, email FROM read_models.members WHERE id = $1',
    values: [id],
  });
  return rows[0];
}
