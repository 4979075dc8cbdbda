import { PREFERENCE_OF } from '../deliveries/delivery.js';

const GOVERNING = Object.entries(PREFERENCE_OF)
  .map(([kind, column]) => `WHEN '${kind}' THEN p.${column}`)
  .join(' ');

/** Whether the recipient of the delivery `d` gets no e-mails, or none of its kind (R8, R13). */
export const UNWANTED = `(
    SELECT true FROM notification.email_preferences p
    WHERE p.member_id = d.recipient_id AND NOT (p.all_kinds AND CASE d.kind ${GOVERNING} END) LIMIT 1) IS NOT NULL`;
