import type { MemberProfile } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { storable } from '../intake/storable.js';

/** Writes the members that are given, and removes those whose profile is null. The last of several for one id counts. */
export async function saveMembers(
  tx: Queryable,
  profiles: ReadonlyMap<string, MemberProfile | null>,
): Promise<void> {
  const present = [...profiles.values()].filter((profile) => profile !== null);
  const gone = [...profiles].filter(([, profile]) => profile === null).map(([id]) => id);
  if (gone.length > 0) await tx.query('DELETE FROM notification.members WHERE id = ANY($1)', [gone]);
  if (present.length === 0) return;
  await tx.query(
    `INSERT INTO notification.members (id, name, headline, profile_url, email, locale, takes_invitations)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, headline = excluded.headline,
       profile_url = excluded.profile_url, email = excluded.email, locale = excluded.locale,
       takes_invitations = excluded.takes_invitations`,
    [
      present.map(({ id }) => id),
      present.map(({ name }) => storable(name)),
      present.map(({ headline }) => storable(headline)),
      present.map(({ profileUrl }) => storable(profileUrl)),
      present.map(({ email }) => storable(email)),
      present.map(({ locale }) => (locale === undefined || locale === null ? null : storable(locale))),
      present.map(({ takesInvitations }) => takesInvitations),
    ],
  );
}

/** What e-mails need to know of a member. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly headline: string;
  readonly profileUrl: string;
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
