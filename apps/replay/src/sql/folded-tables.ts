import type { DuckDBConnection } from '@duckdb/node-api';

/** About how many events are folded at a time. Folding all at once takes more memory the longer the log is. */
const EVENTS_AT_A_TIME = 50_000;

/** The invitations that are not the first one of their inviter to their recipient. */
const repeatedQuery = (isSelected: string) => `
SELECT invitation_id, row_number() OVER (PARTITION BY inviter_id, recipient_id ORDER BY position) AS nth
FROM events WHERE type = 'InvitationSent' AND ${isSelected} QUALIFY nth > 1`;

/**
 * One row for each invitation, folded from the table `events`. A test checks that `status` is what the domain's `evolve`
 * yields.
 * @param repeated the rows of `repeatedQuery` for the selected invitations
 * @param isSelected a condition for the id of an invitation
 */
const invitationsQuery = (repeated: string, isSelected: (invitationId: string) => string) => `
WITH repeated AS (${repeated}), later AS (
  SELECT invitation_id,
    min(happened_at) FILTER (type = 'InvitationAccepted') AS accepted_at,
    any_value(via) FILTER (type = 'InvitationAccepted') AS accepted_via,
    min(happened_at) FILTER (type = 'InvitationReplied') AS replied_at,
    min(happened_at) FILTER (type = 'InvitationIgnored') AS ignored_at,
    min(happened_at) FILTER (type = 'InvitationRestored') AS restored_at,
    arg_max(type, position) FILTER (type IN ('InvitationIgnored', 'InvitationRestored')) AS last_move,
    min(happened_at) FILTER (type = 'InvitationDeclined') AS declined_at,
    min(happened_at) FILTER (type = 'InvitationWithdrawn') AS withdrawn_at,
    min(happened_at) FILTER (type = 'InvitationExpired') AS expired_at,
    min(happened_at) FILTER (type = 'InvitationClosed') AS closed_at,
    arg_min(type, position) FILTER (type IN ('InvitationAccepted', 'InvitationReplied', 'InvitationIgnored')) AS answer,
    count(*) FILTER (type = 'InvitationReminderDue') AS reminders
  FROM events
  WHERE invitation_id IS NOT NULL AND type <> 'InvitationSent' AND ${isSelected('invitation_id')}
  GROUP BY invitation_id
), replaced AS (
  SELECT coalesce(supersedes, closes) AS invitation_id, min(happened_at) AS superseded_at, any_value(invitation_id) AS followed_up_by
  FROM events
  WHERE (supersedes IS NOT NULL OR closes IS NOT NULL) AND ${isSelected('coalesce(supersedes, closes)')}
  GROUP BY 1
), folded AS (
  SELECT sent.invitation_id, sent.inviter_id, sent.recipient_id, sent.message, sent.position, sent.happened_at AS sent_at,
    CASE
      WHEN superseded_at IS NOT NULL THEN 'superseded'
      WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
      WHEN expired_at IS NOT NULL THEN 'expired'
      WHEN closed_at IS NOT NULL THEN 'closed'
      WHEN accepted_at IS NOT NULL THEN 'accepted'
      WHEN declined_at IS NOT NULL THEN 'declined'
      WHEN replied_at IS NOT NULL THEN 'replied'
      WHEN last_move = 'InvitationIgnored' THEN 'ignored'
      WHEN last_move = 'InvitationRestored' THEN 'restored'
      ELSE 'untouched'
    END AS status,
    CASE answer
      WHEN 'InvitationAccepted' THEN 'accepted'
      WHEN 'InvitationReplied' THEN 'replied'
      WHEN 'InvitationIgnored' THEN 'ignored'
    END AS first_answer,
    least(accepted_at, replied_at, ignored_at) AS answered_at,
    accepted_at, accepted_via, replied_at, ignored_at, restored_at, declined_at, withdrawn_at, expired_at, closed_at, superseded_at, followed_up_by,
    coalesce(reminders, 0) AS reminders,
    sent.supersedes AS follow_up_of,
    coalesce(repeated.nth, 1) AS nth_to_recipient
  FROM events AS sent
  LEFT JOIN later USING (invitation_id) LEFT JOIN replaced USING (invitation_id) LEFT JOIN repeated USING (invitation_id)
  WHERE sent.type = 'InvitationSent' AND ${isSelected('sent.invitation_id')}
)
SELECT invitation_id, inviter_id, recipient_id, message, position, sent_at, status,
  first_answer, answered_at,
  (epoch_ms(answered_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_answer,
  accepted_at, accepted_via,
  (epoch_ms(accepted_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_accept,
  replied_at, ignored_at, restored_at, declined_at, withdrawn_at, expired_at, closed_at, superseded_at,
  reminders,
  CASE WHEN answered_at IS NOT NULL THEN reminders END AS reminders_before_answer,
  follow_up_of, followed_up_by, nth_to_recipient
FROM folded`;

/** One row for each invitation. For a long log, use `foldInvitations`, which takes far less memory. */
export const INVITATIONS_QUERY = invitationsQuery(repeatedQuery('true'), () => 'true');

/** Folds the table `events` into a table of invitations, part by part. */
export async function foldInvitations(
  connection: DuckDBConnection,
  table: string,
  eventsAtATime = EVENTS_AT_A_TIME,
): Promise<void> {
  const read = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM events');
  const parts = Math.ceil((read.getRows()[0]![0] as number) / eventsAtATime);
  await connection.run(`CREATE OR REPLACE TABLE ${table} AS FROM (${INVITATIONS_QUERY}) LIMIT 0`);
  await connection.run('CREATE TEMP TABLE repeated (invitation_id VARCHAR, nth BIGINT)');
  const isIn = (part: number, values: string) => `hash(${values}) % ${parts} = ${part}`;
  for (let part = 0; part < parts; part += 1)
    await connection.run(
      `INSERT INTO temp.repeated ${repeatedQuery(isIn(part, 'inviter_id, recipient_id'))}`,
    );
  for (let part = 0; part < parts; part += 1) {
    const repeated = `FROM temp.repeated WHERE ${isIn(part, 'invitation_id')}`;
    await connection.run(`INSERT INTO ${table} ${invitationsQuery(repeated, (id) => isIn(part, id))}`);
  }
  await connection.run('DROP TABLE temp.repeated');
}

/** The least silence after which events may be stray, in days, and the greatest share of events that may be. */
const STRAY = { afterDays: 30, share: 0.001, ofEvents: 100 } as const;

/**
 * One row with the period that the events cover. A few events after a long silence, for example of a process with a wrong
 * clock, do not end the period, because every figure about the last weeks would then be about weeks without events.
 */
export const PERIOD_QUERY = `
WITH days AS (
  SELECT happened_at::DATE AS day, count(*) AS events, min(happened_at) AS first_at, max(happened_at) AS last_at
  FROM events GROUP BY day
), known AS (
  SELECT day, first_at, last_at, sum(events) OVER () AS all_events, sum(events) OVER (ORDER BY day DESC) AS from_here,
    day - lag(day) OVER (ORDER BY day) AS silent_days
  FROM days
), stray AS (
  SELECT min(day) AS day, max(from_here) AS events FROM known
  WHERE silent_days > ${STRAY.afterDays} AND all_events >= ${STRAY.ofEvents}
    AND from_here <= greatest(1, all_events * ${STRAY.share})
)
SELECT min(known.first_at) AS begins,
  max(known.last_at) FILTER (stray.day IS NULL OR known.day < stray.day) AS ends,
  coalesce(max(stray.events), 0)::BIGINT AS stray_events,
  max(known.last_at) FILTER (known.day >= stray.day) AS last_stray_at
FROM known CROSS JOIN stray`;
