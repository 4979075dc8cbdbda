import { IsBoolean } from 'class-validator';
import { isAnyErased } from '#libs/author-keys/read-only';
import type { EmailKind, MailKind } from '#libs/mail';
import type { Queryable } from '#libs/platform';

/** Which e-mails a member gets (R8, R13, D13): a row of `notification.email_preferences`, and the body of the internal API. */
export class EmailPreferences {
  /** False: the member gets no e-mails, whatever the other preferences say. */
  @IsBoolean()
  all: boolean;

  @IsBoolean()
  invitations: boolean;

  @IsBoolean()
  reminders: boolean;

  @IsBoolean()
  acceptances: boolean;

  @IsBoolean()
  replies: boolean;
}

const COLUMNS: Readonly<Record<keyof EmailPreferences, string>> = {
  all: 'all_kinds',
  invitations: 'invitations',
  reminders: 'reminders',
  acceptances: 'acceptances',
  replies: 'replies',
};

/** The preferences of a member who has saved none. */
export const DEFAULT_PREFERENCES: Readonly<EmailPreferences> = {
  all: true,
  invitations: true,
  reminders: true,
  acceptances: true,
  replies: true,
};

export const isPreference = (name: string): name is keyof EmailPreferences =>
  Object.hasOwn(DEFAULT_PREFERENCES, name);

/** The preference that governs each kind of e-mail (R8, R13). */
export const PREFERENCE_OF: Readonly<Record<MailKind, EmailKind>> = {
  invitation: 'invitations',
  reminder: 'reminders',
  acceptance: 'acceptances',
  reply: 'replies',
};

const PREFERENCE_OF_KIND = Object.entries(PREFERENCE_OF)
  .map(([kind, column]) => `WHEN '${kind}' THEN p.${column}`)
  .join(' ');

/** SQL: whether the recipient of the delivery `d` has turned off its kind, or all e-mails (R8, R13). */
export const OPTED_OUT = `(
    SELECT true FROM notification.email_preferences p
    WHERE p.member_id = d.recipient_id AND NOT (p.all_kinds AND CASE d.kind ${PREFERENCE_OF_KIND} END) LIMIT 1) IS NOT NULL`;

export async function findPreferences(db: Queryable, memberId: string): Promise<EmailPreferences> {
  const { rows } = await db.query<EmailPreferences>(
    `SELECT all_kinds AS "all", invitations, reminders, acceptances, replies
     FROM notification.email_preferences WHERE member_id = $1`,
    [memberId],
  );
  return rows[0] ?? DEFAULT_PREFERENCES;
}

/** The links of e-mails outlive the erasure of a member, and must not create a row again. */
const UNLESS_ERASED = `SELECT $1::text, $2::boolean, $3::boolean, $4::boolean, $5::boolean, $6::boolean
     WHERE NOT ${isAnyErased('$1')}`;

export async function savePreferences(
  db: Queryable,
  memberId: string,
  preferences: EmailPreferences,
): Promise<void> {
  await db.query(
    `INSERT INTO notification.email_preferences (member_id, all_kinds, invitations, reminders, acceptances, replies)
     ${UNLESS_ERASED}
     ON CONFLICT (member_id) DO UPDATE SET all_kinds = excluded.all_kinds, invitations = excluded.invitations,
       reminders = excluded.reminders, acceptances = excluded.acceptances, replies = excluded.replies, updated_at = now()`,
    [memberId, ...valuesOf(preferences)],
  );
}

/** Turns one preference off and keeps the others, also while another request turns off a different one. */
export async function turnOffPreference(
  db: Queryable,
  memberId: string,
  preference: keyof EmailPreferences,
): Promise<void> {
  await db.query(
    `INSERT INTO notification.email_preferences (member_id, all_kinds, invitations, reminders, acceptances, replies)
     ${UNLESS_ERASED}
     ON CONFLICT (member_id) DO UPDATE SET ${COLUMNS[preference]} = false, updated_at = now()`,
    [memberId, ...valuesOf({ ...DEFAULT_PREFERENCES, [preference]: false })],
  );
}

const valuesOf = ({ all, invitations, reminders, acceptances, replies }: EmailPreferences): boolean[] => [
  all,
  invitations,
  reminders,
  acceptances,
  replies,
];
