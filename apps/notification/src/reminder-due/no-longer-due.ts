/*
 * Why a reminder `d` is not to be sent any more, by the database's clock and by what this app has heard since the
 * decision (D6). Of a withdrawal, an ignore or a decline it never hears; there, `validUntil` is the bound.
 */

export const isOver = 'clock_timestamp() > d.valid_until';

/** The two are connected, or the recipient has replied. */
export const isAnswered = `((SELECT true FROM notification.connections
      WHERE member_id = d.recipient_id AND other_id = d.about_id LIMIT 1) IS NOT NULL
    OR (SELECT true FROM notification.deliveries other
      WHERE other.invitation_id = d.invitation_id AND other.kind = 'reply' LIMIT 1) IS NOT NULL)`;

/** A follow-up has taken the invitation's place. */
export const isSuperseded = `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND other.happened_at > COALESCE((SELECT max(own.happened_at) FROM notification.deliveries own
        WHERE own.invitation_id = d.invitation_id AND own.kind = 'invitation'), d.happened_at) LIMIT 1) IS NOT NULL`;
