import { TOPICS } from '../topics.js';
import {
  InvitationAcceptedData,
  InvitationRepliedData,
  InvitationSentData,
  ReminderDueData,
} from './public-events.dto.js';

/** The allow-list of what reaches Kafka: `ce_type`, its topic, whose id is the key, and the class of its data. */
export const EVENT_TYPES = {
  'invitations.sent.v1': { topic: TOPICS.sent, key: 'recipientId', data: InvitationSentData },
  'invitations.accepted.v1': { topic: TOPICS.accepted, key: 'inviterId', data: InvitationAcceptedData },
  'invitations.replied.v1': { topic: TOPICS.replied, key: 'inviterId', data: InvitationRepliedData },
  'invitations.reminder-due.v1': { topic: TOPICS.reminderDue, key: 'recipientId', data: ReminderDueData },
} as const;

export type EventType = keyof typeof EVENT_TYPES;

/** An event as it travels, its data valid by the type's class. */
export type EventMessage = {
  [Type in EventType]: {
    readonly type: Type;
    readonly id: string;
    readonly data: InstanceType<(typeof EVENT_TYPES)[Type]['data']>;
  };
}[EventType];
