import type { SendResult } from '#libs/mail';
import { startSpan } from '#libs/platform';
import type { Claimed } from './delivery.js';

/** The last step on an invitation's way: an attempt at an e-mail. */
export async function sendAsStep(
  { eventId, invitationId, kind, attempts, traceparent }: Claimed,
  send: () => Promise<SendResult>,
): Promise<SendResult> {
  const span = startSpan('send e-mail', 'client', traceparent ?? undefined, {
    'invitations.event_id': eventId,
    'invitations.correlation_id': invitationId,
    'email.kind': kind,
    'email.attempt': attempts + 1,
  });
  try {
    const result = await send();
    span?.set({ 'email.outcome': result.outcome });
    span?.end();
    return result;
  } catch (error) {
    span?.end(error);
    throw error;
  }
}
