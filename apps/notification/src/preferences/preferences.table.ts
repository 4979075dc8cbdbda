import type { Queryable } from '#libs/platform';
import type { EmailPreferences } from './email-preferences.dto.js';

const COLUMNS: Readonly<Record<keyof EmailPreferences, string>> = {
  all: 'all_kinds',
  invitations: 'invitations',
  reminders: 'reminders',
  acceptances: 'acceptances',
  replies: 'replies',
};

/** Those of a member who never said anything. */
export const DEFAULT_PREFERENCES: Readonly<EmailPreferences> = {
  all: true,
  invitations: true,
  reminders: true,
  acceptances: true,
  replies: true,
};

export const isPreference = (name: string): name is keyof EmailPreferences =>
  Object.hasOwn(DEFAULT_PREFERENCES, name);

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

/** Turns one off and leaves the others as they are, also where two are turned off at once. */
export async function turnOff(db: Queryable, memberId: string, which: keyof EmailPreferences): Promise<void> {
  const wanted: EmailPreferences = { ...DEFAULT_PREFERENCES, [which]: false };
  await db.query(
    `INSERT INTO notification.email_preferences (member_id, all_kinds, invitations, reminders, acceptances, replies)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (member_id) DO UPDATE SET ${COLUMNS[which]} = false, updated_at = now()`,
    [memberId, wanted.all, wanted.invitations, wanted.reminders, wanted.acceptances, wanted.replies],
  );
}
