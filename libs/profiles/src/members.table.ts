import { isAnyErased } from '#libs/author-keys/read-only';
import type { NamedStatement, Queryable } from '#libs/platform';

/** A profile as the profile service publishes it. A field that it does not publish in a usable form is undefined. */
export interface MemberProfile {
  readonly name: string | undefined;
  readonly headline: string;
  readonly profileUrl: string;
  readonly email: string | undefined;
  readonly takesInvitations: boolean;
}

/**
 * Stores the profiles, and deletes the members whose profile is null, of whom only the ids are kept. A member without a name is
 * shown by their id, like a member whose profile was deleted. The stored address of a member without one is empty and matches no
 * other.
 */
export async function saveMembers(
  tx: Queryable,
  profiles: ReadonlyMap<string, MemberProfile | null>,
): Promise<void> {
  const present = [...profiles].flatMap(([id, profile]) => (profile === null ? [] : [{ id, ...profile }]));
  const gone = [...profiles].filter(([, profile]) => profile === null).map(([id]) => id);
  if (gone.length > 0) await removeMembers(tx, gone);
  if (present.length === 0) return;
  await tx.query(
    `INSERT INTO read_models.members (id, name, headline, profile_url, email, takes_invitations)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[])
       AS given (id, name, headline, profile_url, email, takes_invitations)
     WHERE NOT ${isAnyErased('given.id')}
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
  await tx.query(
    `DELETE FROM read_models.removed_members WHERE id = ANY($1) AND NOT ${isAnyErased('removed_members.id')}`,
    [present.map(({ id }) => id)],
  );
}

async function removeMembers(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM read_models.members WHERE id = ANY($1)', [ids]);
  await tx.query(
    'INSERT INTO read_models.removed_members SELECT unnest($1::text[]) ON CONFLICT (id) DO NOTHING',
    [ids],
  );
}

/** The fields of a recipient that the rules depend on. */
export interface RecipientProfile {
  readonly email: string;
  readonly takesInvitations: boolean;
}

/** What the directory knows of the members of commands. */
export interface MemberFacts {
  readonly recipients: ReadonlyMap<string, RecipientProfile>;
  /** The actors whose profile was removed, and not those whose profile was never seen (D23). */
  readonly removed: ReadonlySet<string>;
}

/**
 * One statement for both. A removed member has no address. It looks for one row (`LIMIT 1`), because the planner turns an EXISTS
 * into a hash of all members where it estimates that this pays.
 */
const MEMBER_FACTS: NamedStatement = {
  name: 'find member facts',
  text: `SELECT id, email, takes_invitations AS "takesInvitations" FROM read_models.members WHERE id = ANY($1)
    UNION ALL
    SELECT id, NULL, false FROM read_models.removed_members removed WHERE id = ANY($2)
      AND (SELECT true FROM read_models.members WHERE id = removed.id LIMIT 1) IS NULL`,
};

export async function findMemberFacts(
  db: Queryable,
  recipientIds: readonly string[],
  actorIds: readonly string[],
): Promise<MemberFacts> {
  const recipients = new Map<string, RecipientProfile>();
  const removed = new Set<string>();
  if (recipientIds.length === 0 && actorIds.length === 0) return { recipients, removed };
  const { rows } = await db.query<{ id: string; email: string | null; takesInvitations: boolean }>({
    ...MEMBER_FACTS,
    values: [recipientIds, actorIds],
  });
  for (const { id, email, takesInvitations } of rows)
    if (email === null) removed.add(id);
    else recipients.set(id, { email, takesInvitations });
  return { recipients, removed };
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
