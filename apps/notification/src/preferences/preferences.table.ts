import type { Queryable } from '#libs/platform';
import type { EmailPreferences } from './email-preferences.dto.js';

/** Those of a member who never said anything. */
export const DEFAULT_PREFERENCES: Readonly<EmailPreferences> = {
  all: true,
  invitations: true,
  reminders: true,
  acceptances: true,
  replies: true,
};

export async function findPreferences(db: Queryable, memberId: string): Promise<EmailPreferences> {
  const { rows } = await db.query<EmailPreferences>(
    `SELECT all_kinds AS "all", invitations, reminders, acceptances, replies
     FROM notification.email_preferences WHERE member_id = $1`,
    [memberId],
  );
  return rows[0] ?? DEFAULT_PREFERENCES;
}

export async function savePreferences(
  db: Queryable,
  memberId: string,
  wanted: EmailPreferences,
): Promise<void> {
  await db.query(
    `INSERT INTO notification.email_preferences (member_id, all_kinds, invitations, reminders, acceptances, replies)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (member_id) DO UPDATE SET all_kinds = excluded.all_kinds, invitations = excluded.invitations,
       reminders = excluded.reminders, acceptances = excluded.acceptances, replies = excluded.replies, updated_at = now()`,
    [memberId, wanted.all, wanted.invitations, wanted.reminders, wanted.acceptances, wanted.replies],
  );
}
