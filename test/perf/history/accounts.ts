import { randomUUID } from 'node:crypto';
import type { ConnectionRecorded, InvitationEvent, InvitationSent } from '#libs/invitation';

const AT = '2026-01-05T09:00:00.000Z';

/** The events of an account that has sent invitations, each to another member. Each second one was accepted. */
export function invitations(inviterId: string, count: number): InvitationEvent[] {
  return Array.from({ length: count }, (_, n): InvitationEvent[] => {
    const commandId = randomUUID();
    const of = { inviterId, recipientId: `member-${n}`, invitationId: `${inviterId}.${commandId}`, at: AT };
    const sent: InvitationSent = { type: 'InvitationSent', commandId, ...of };
    return n % 2 === 0
      ? [sent]
      : [sent, { type: 'InvitationAccepted', commandId: randomUUID(), ...of, via: 'site' }];
  }).flat();
}

/** The events of an account whose owner has accepted the invitations of others. */
export const connections = (accountId: string, count: number): InvitationEvent[] =>
  Array.from({ length: count }, (_, n): ConnectionRecorded => {
    const memberId = `member-${n}`;
    const through = `${memberId}.${randomUUID()}`;
    return { type: 'ConnectionRecorded', commandId: randomUUID(), accountId, memberId, through, at: AT };
  });
