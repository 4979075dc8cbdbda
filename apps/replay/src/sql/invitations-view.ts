/**
 * One row an invitation, folded from the table `events`. `status` is where the domain's `evolve` leaves it: a test holds
 * the two together.
 */
export const INVITATIONS_VIEW = `
CREATE VIEW invitations AS
WITH later AS (
  SELECT invitation_id,
    min(happened_at) FILTER (type = 'InvitationAccepted') AS accepted_at,
    any_value(via) FILTER (type = 'InvitationAccepted') AS accepted_via,
    min(happened_at) FILTER (type = 'InvitationReplied') AS replied_at,
    min(happened_at) FILTER (type = 'InvitationIgnored') AS ignored_at,
    min(happened_at) FILTER (type = 'InvitationDeclined') AS declined_at,
    min(happened_at) FILTER (type = 'InvitationWithdrawn') AS withdrawn_at,
    arg_min(type, position) FILTER (type IN ('InvitationAccepted', 'InvitationReplied', 'InvitationIgnored')) AS answer,
    count(*) FILTER (type = 'InvitationReminderDue') AS reminders
  FROM events WHERE invitation_id IS NOT NULL AND type <> 'InvitationSent' GROUP BY invitation_id
), replaced AS (
  SELECT coalesce(supersedes, closes) AS invitation_id, min(happened_at) AS superseded_at, any_value(invitation_id) AS followed_up_by
  FROM events WHERE supersedes IS NOT NULL OR closes IS NOT NULL GROUP BY 1
), folded AS (
  SELECT sent.invitation_id, sent.inviter_id, sent.recipient_id, sent.message, sent.position, sent.happened_at AS sent_at,
    CASE
      WHEN superseded_at IS NOT NULL THEN 'superseded'
      WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
      WHEN accepted_at IS NOT NULL THEN 'accepted'
      WHEN declined_at IS NOT NULL THEN 'declined'
      WHEN replied_at IS NOT NULL THEN 'replied'
      WHEN ignored_at IS NOT NULL THEN 'ignored'
      ELSE 'untouched'
    END AS status,
    CASE answer
      WHEN 'InvitationAccepted' THEN 'accepted'
      WHEN 'InvitationReplied' THEN 'replied'
      WHEN 'InvitationIgnored' THEN 'ignored'
    END AS first_answer,
    least(accepted_at, replied_at, ignored_at) AS answered_at,
    accepted_at, accepted_via, replied_at, ignored_at, declined_at, withdrawn_at, superseded_at, followed_up_by,
    coalesce(reminders, 0) AS reminders,
    sent.supersedes AS follow_up_of,
    row_number() OVER (PARTITION BY sent.inviter_id, sent.recipient_id ORDER BY sent.position) AS nth_to_recipient
  FROM events AS sent LEFT JOIN later USING (invitation_id) LEFT JOIN replaced USING (invitation_id)
  WHERE sent.type = 'InvitationSent'
)
SELECT invitation_id, inviter_id, recipient_id, message, position, sent_at, status,
  first_answer, answered_at,
  (epoch_ms(answered_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_answer,
  accepted_at, accepted_via,
  (epoch_ms(accepted_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_accept,
  replied_at, ignored_at, declined_at, withdrawn_at, superseded_at,
  reminders,
  CASE WHEN answered_at IS NOT NULL THEN reminders END AS reminders_before_answer,
  follow_up_of, followed_up_by, nth_to_recipient
FROM folded`;
