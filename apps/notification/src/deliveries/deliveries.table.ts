import type { Queryable } from '#libs/platform';
import { storable } from '../intake/storable.js';
import type { Delivery } from './delivery.js';

/** Queues what is not in the ledger yet; what is, whatever became of it, stays as it is. */
export async function queueDeliveries(tx: Queryable, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(
    `INSERT INTO notification.deliveries (event_id, recipient_id, kind, about_id, invitation_id, happened_at, valid_until,
       content, traceparent)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
       $7::timestamptz[], $8::jsonb[], $9::text[])
     ON CONFLICT DO NOTHING`,
    [
      deliveries.map(({ eventId }) => eventId),
      deliveries.map(({ recipientId }) => recipientId),
      deliveries.map(({ kind }) => kind),
      deliveries.map(({ aboutId }) => aboutId),
      deliveries.map(({ invitationId }) => invitationId),
      deliveries.map(({ happenedAt }) => happenedAt),
      deliveries.map(({ validUntil }) => validUntil ?? null),
      deliveries.map(({ content: { message } }) =>
        JSON.stringify(message === undefined ? {} : { message: storable(message) }),
      ),
      deliveries.map(({ traceparent }) => traceparent ?? null),
    ],
  );
}
