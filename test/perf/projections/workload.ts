import { randomUUID } from 'node:crypto';
import type { InvitationEvent, InvitationSent } from '#libs/invitation';

/** Events of one account: eight invitations, of which some are answered. */
export const EVENTS_AN_ACCOUNT = 10;

const MESSAGE = 'We met at the conference in May; I would like to stay in touch.';
const AT = '2026-01-05T09:00:00.000Z';

/** Returns the stream of an inviter after some time. */
export function historyOf(inviterId: string): InvitationEvent[] {
  const sent = Array.from({ length: EVENTS_AN_ACCOUNT - 2 }, (_, n): InvitationSent => {
    const commandId = randomUUID();
    return {
      type: 'InvitationSent',
      commandId,
      invitationId: `${inviterId}.${commandId}`,
      inviterId,
      recipientId: `recipient-${n}-${inviterId}`,
      message: MESSAGE,
      at: AT,
    };
  });
  const { type: _one, ...ignored } = sent[1]!;
  const { type: _other, ...accepted } = sent[4]!;
  return [
    ...sent,
    { ...ignored, type: 'InvitationIgnored', commandId: randomUUID() },
    { ...accepted, type: 'InvitationAccepted', commandId: randomUUID(), via: 'site' },
  ];
}
