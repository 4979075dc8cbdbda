import type { Pool } from '#libs/platform';
import { type MemberProfile, saveMembers } from '#libs/profiles';

export async function giveMember(
  db: Pool,
  { id, ...profile }: { readonly id: string; readonly name: string } & Partial<MemberProfile>,
): Promise<void> {
  const rest = { headline: '', profileUrl: '', email: `${id}@network.example`, takesInvitations: true };
  await saveMembers(db, new Map([[id, { ...rest, ...profile }]]));
}

/** As the projection of the accounts shows it. */
export async function closeAccount(db: Pool, id: string): Promise<void> {
  await db.query(`INSERT INTO read_models.account_state VALUES ($1, 0, '{"sent": 0, "closed": true}')`, [id]);
}

interface GivenInvitation {
  /** Distinguishes the ids of invitations. */
  readonly n: number;
  readonly inviterId: string;
  readonly recipientId: string;
  readonly sentAt?: string;
  readonly message?: string;
  readonly ignored?: boolean;
}

/** Inserts an invitation as the projections do, untouched or ignored. */
export async function giveInvitation(db: Pool, given: GivenInvitation): Promise<string> {
  const { n, inviterId, recipientId, sentAt = '2026-01-01T00:00:00.000Z', message, ignored = false } = given;
  const id = `${inviterId}.00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const row = [id, inviterId, recipientId, message ?? null, sentAt];
  await db.query('INSERT INTO read_models.archive VALUES ($1, $2, $3, $4, $5, $6)', [...row, ignored]);
  await db.query('INSERT INTO read_models.sent VALUES ($1, $2, $3, $4, $5, $6)', [...row, 'pending']);
  if (!ignored) await db.query('INSERT INTO read_models.inbox VALUES ($1, $2, $3, $4, $5)', row);
  return id;
}

/** Moves an invitation to the archive and back (D20): its row stays in the archive, and the inbox has none. */
export async function restoreInvitation(db: Pool, id: string): Promise<void> {
  await db.query('DELETE FROM read_models.inbox WHERE invitation_id = $1', [id]);
  await db.query('UPDATE read_models.archive SET ignored = false, restored = true WHERE invitation_id = $1', [
    id,
  ]);
}

/** Inserts an invitation that was ignored and moved back to the inbox (D20). */
export async function giveRestored(db: Pool, given: GivenInvitation): Promise<string> {
  const id = await giveInvitation(db, given);
  await restoreInvitation(db, id);
  return id;
}

/** Removes an invitation that was answered, withdrawn or superseded from the inbox and the archive. */
export async function closeInvitation(db: Pool, id: string): Promise<void> {
  await db.query('DELETE FROM read_models.archive WHERE invitation_id = $1', [id]);
  await db.query('DELETE FROM read_models.inbox WHERE invitation_id = $1', [id]);
}

/** Records that a later invitation to the same member has superseded this one (D2). */
export async function supersedeInvitation(db: Pool, id: string): Promise<void> {
  await closeInvitation(db, id);
  await db.query(`UPDATE read_models.sent SET status = 'superseded' WHERE invitation_id = $1`, [id]);
}

/** Records a reply to the invitation, which stays open (R16). */
export async function replyToInvitation(db: Pool, id: string, reply = 'Who are you?'): Promise<void> {
  await db.query(
    `UPDATE read_models.sent SET status = 'replied', reply = $2, replied_at = '2026-01-02' WHERE invitation_id = $1`,
    [id, reply],
  );
}

export async function forgetInvitations(db: Pool): Promise<void> {
  for (const list of ['inbox', 'archive', 'sent']) await db.query(`DELETE FROM read_models.${list}`);
}
