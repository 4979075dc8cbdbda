import type { EventType } from '#libs/contracts';
import type { PublicCommand } from './catalogue.js';

const id = (n: number) => `7a1c0e52-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const EXAMPLE_ID = id(2);
export const EXAMPLE_REPLY_TO = 'invitations.outcomes.profile-service';
export const EXAMPLE_TIME = '2026-01-05T09:00:00.000Z';

const invitationId = `amal.${id(1)}`;
const byBilal = { invitationId, actorId: 'bilal' };
const ofInvitation = { invitationId, inviterId: 'amal', recipientId: 'bilal', at: EXAMPLE_TIME };

export const COMMAND_EXAMPLES: Readonly<Record<PublicCommand, { key: string; data: object }>> = {
  'invitations.send.v1': {
    key: 'amal',
    data: {
      inviterId: 'amal',
      recipientId: 'bilal',
      recipientEmail: 'bilal@network.example',
      message: 'We met at the streaming meetup. Shall we connect?',
    },
  },
  'invitations.accept.v1': { key: 'amal', data: { ...byBilal, via: 'site' } },
  'invitations.reply.v1': { key: 'amal', data: { ...byBilal, message: 'Remind me, which meetup was it?' } },
  'invitations.ignore.v1': { key: 'amal', data: byBilal },
  'invitations.restore.v1': { key: 'amal', data: byBilal },
  'invitations.decline.v1': { key: 'amal', data: byBilal },
  'invitations.withdraw.v1': { key: 'amal', data: { invitationId, actorId: 'amal' } },
  'invitations.close-account.v1': { key: 'amal', data: { accountId: 'amal', operatorId: 'profile-service' } },
  'invitations.lift-restriction.v1': {
    key: 'amal',
    data: { accountId: 'amal', operatorId: 'olga', reason: 'Talked to Amal; a misunderstanding.' },
  },
};

export const EVENT_EXAMPLES: Readonly<Record<EventType, object>> = {
  'invitations.sent.v1': { ...ofInvitation, message: 'We met at the streaming meetup. Shall we connect?' },
  'invitations.accepted.v1': { ...ofInvitation, via: 'site' },
  'invitations.replied.v1': { ...ofInvitation, message: 'Remind me, which meetup was it?' },
  'invitations.reminder-due.v1': { ...ofInvitation, ordinal: 1, validUntil: '2026-01-13T09:00:00.000Z' },
};

export const OUTCOME_EXAMPLES = [
  { commandId: EXAMPLE_ID, outcome: 'accepted' },
  { commandId: EXAMPLE_ID, outcome: 'refused', code: 'ALREADY_CONNECTED' },
  {
    commandId: EXAMPLE_ID,
    outcome: 'refused',
    code: 'INVALID_COMMAND',
    reason: 'recipientId must be a member id',
  },
] as const;

export const PROFILE_EXAMPLE = {
  id: 'bilal',
  name: 'Bilal Osman',
  headline: 'Site reliability engineer',
  profileUrl: 'https://network.example/in/bilal',
  email: 'bilal@network.example',
  locale: 'en',
  takesInvitations: true,
} as const;
