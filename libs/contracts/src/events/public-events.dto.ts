import { IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import type { ReceivedMessage } from '../envelope.js';
import { IsUtcTimestamp, IsInvitationId, IsMemberId, UUID } from '../fields.js';
import type { TopicName } from '../topics.js';
import { parseJson } from '../validation/json.js';
import { InvalidDataError, parseDto } from '../validation/parse-dto.js';

class InvitationEventData {
  /** Opaque: compare it, but do not parse it. */
  @IsInvitationId()
  invitationId: string;

  /** The member who invited. */
  @IsMemberId()
  inviterId: string;

  /** The member who was invited. */
  @IsMemberId()
  recipientId: string;

  /** When the event happened, in UTC. */
  @IsUtcTimestamp()
  at: string;
}

/** Data of `invitations.sent.v1`. */
export class InvitationSentData extends InvitationEventData {
  /** The inviter's message. Absent if there is none. */
  @IsOptional()
  @IsString()
  message?: string;
}

/** Data of `invitations.accepted.v1`. */
export class InvitationAcceptedData extends InvitationEventData {
  /** Whether the recipient accepted on the site or by the link in an e-mail (R11). */
  @IsIn(['site', 'email'])
  via: 'site' | 'email';
}

/** Data of `invitations.replied.v1`. */
export class InvitationRepliedData extends InvitationEventData {
  /** The recipient's message (R15). */
  @IsString()
  message: string;
}

/** Data of `invitations.reminder-due.v1`. */
export class ReminderDueData extends InvitationEventData {
  /** 1 for the first reminder of an invitation. */
  @IsInt()
  @Min(1)
  ordinal: number;

  /** The reminder must not be sent after this instant. */
  @IsUtcTimestamp()
  validUntil: string;
}

/**
 * The only events that are published: `ce_type`, the name of the topic in `Topics`, the field whose value is the key, and the
 * DTO class of the data.
 */
export const EVENT_TYPES = {
  'invitations.sent.v1': { topic: 'sent', key: 'recipientId', data: InvitationSentData },
  'invitations.accepted.v1': { topic: 'accepted', key: 'inviterId', data: InvitationAcceptedData },
  'invitations.replied.v1': { topic: 'replied', key: 'inviterId', data: InvitationRepliedData },
  'invitations.reminder-due.v1': { topic: 'reminderDue', key: 'recipientId', data: ReminderDueData },
} as const satisfies Record<string, { topic: TopicName; key: string; data: unknown }>;

export type EventType = keyof typeof EVENT_TYPES;

/** A parsed public event: its type, its id, and its valid data. */
export type EventMessage = {
  [Type in EventType]: {
    readonly type: Type;
    readonly id: string;
    readonly data: InstanceType<(typeof EVENT_TYPES)[Type]['data']>;
  };
}[EventType];

/**
 * Parses a public event.
 * @throws InvalidDataError
 */
export function parseEvent(message: ReceivedMessage): EventMessage {
  const id = message.header('ce_id');
  if (id === undefined || !UUID.test(id)) throw new InvalidDataError(['header ce_id must be a UUID']);
  const type = message.header('ce_type') ?? '';
  if (!Object.hasOwn(EVENT_TYPES, type)) throw new InvalidDataError(['header ce_type names no event']);
  const data = parseDto<object>(EVENT_TYPES[type as EventType].data, parseJson(message.value), 'drop');
  return { type, id, data } as EventMessage;
}
