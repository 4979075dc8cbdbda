import type { Pool } from '#libs/platform';

const EVENT = (n: number) => `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;
const AT = `'2026-01-05T09:00:00Z'`;
const CLAIM = `'\\x0a', '${EVENT(9)}', ${AT}, 0`;

/** The address of a member of these rows. */
export const addressOf = (id: string): string => `${id}@example.test`;

/** Rows of a member and another one: the two have invited each other, and both have written. */
export const insertsOf = (me: string, other: string, n: number): readonly string[] => [
  `read_models.members VALUES ('${me}', 'Name of ${me}', 'h', 'https://p.test/${me}', '${addressOf(me)}', true)`,
  `read_models.inbox_g1 VALUES ('${other}.${n}', '${other}', '${me}', 'hello by ${other}', ${AT})`,
  `read_models.archive_g1 (invitation_id, inviter_id, recipient_id, message, sent_at, ignored)
    VALUES ('${other}.${n}', '${other}', '${me}', 'hello by ${other}', ${AT}, true)`,
  `read_models.sent_g1 (invitation_id, inviter_id, recipient_id, message, sent_at, status, reply)
    VALUES ('${me}.${n}', '${me}', '${other}', 'hello by ${me}', ${AT}, 'replied', 'reply by ${other}')`,
  `read_models.connections_g1 VALUES ('${me} x${n}', '${me}', 'x${n}', ${AT}), ('x${n} ${me}', 'x${n}', '${me}', ${AT})`,
  `read_models.account_restriction_g1 VALUES ('${me}', true, ${AT})`,
  `read_models.account_state_g1 VALUES ('${me}', 1, '{}'), ('${me} r ${other}', 1, '{}'), ('${me} c ${EVENT(n)}', 1, '{}')`,
  `read_models.reminders_g1 VALUES ('${me}.${n}', ${AT}, 0)`,
  `read_models.reminders_asked VALUES ('${me}.${n}', 1, 1, ${AT}, ${AT})`,
  `read_models.expiry_asked VALUES ('${me}.${n}', 1, ${AT}, ${AT})`,
  `read_models.command_outcomes VALUES ('${EVENT(n)}', '${me}', 'TOO_SOON', ${AT})`,
  `read_models.command_claims VALUES ('${EVENT(n)}', '${other}', '${me}', ${CLAIM})`,
  `read_models.rate_limits VALUES ('send ${me}', ${AT}), ('guess ${me} y${n}', ${AT})`,
  `notification.members VALUES ('${me}', 'Name of ${me}', 'h', 'https://p.test/${me}', '${addressOf(me)}', 'ar', true)`,
  `notification.connections VALUES ('${me}', 'x${n}', ${AT}), ('x${n}', '${me}', ${AT})`,
  `notification.email_preferences VALUES ('${me}', true, false, true, true, true, ${AT})`,
  `notification.deliveries (event_id, recipient_id, kind, about_id, happened_at, content)
    VALUES ('${EVENT(n)}', '${me}', 'invitation', '${other}', ${AT}, '{"message":"hello by ${other}"}')`,
  `notification.recent_refusals VALUES ('${EVENT(n)}', '${me}', 'invitation', '\\x0a', 'counted', NULL,
    '{"message":"hello by ${other}"}', ${AT})`,
  `notification.bounced_addresses VALUES (sha256('${addressOf(me)}'), 550, ${AT})`,
  `notification.unclear_refusals VALUES (sha256('${addressOf(me)}'), ${AT})`,
  `notification.dead_letters VALUES ('invitations.sent', 0, ${n}, 'k', '{"inviterId":"${me}","x":1}', '{}', 'r', ${AT}),
    ('invitations.sent', 1, ${n}, 'k', '{"invitationId":"${me}.7"}', '{}', 'r', ${AT}), ('members.profiles', 0, ${n}, '${me}', 'x', '{}', 'r', ${AT})`,
];

/** Inserts rows of two members into every table that can hold a member's own rows. */
export async function insertRowsOfTwo(pool: Pool, one: string, other: string): Promise<void> {
  for (const insert of [...insertsOf(one, other, 1), ...insertsOf(other, one, 2)])
    await pool.query(`INSERT INTO ${insert}`);
}
