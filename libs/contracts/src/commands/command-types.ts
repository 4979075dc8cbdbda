import { inviterOfInvitation } from '../ids.js';
import { AcceptInvitationData, OnInvitationData, ReplyToInvitationData } from './answer-invitation.dto.js';
import { LiftRestrictionData } from './lift-restriction.dto.js';
import { SendInvitationData } from './send-invitation.dto.js';
import { RecordConnectionData, RemindRecipientData, THE_SERVICE } from './service-commands.dto.js';

/** Each command's `ce_type`, and the class that its data must be. */
export const COMMAND_TYPES = {
  'invitations.send.v1': SendInvitationData,
  'invitations.accept.v1': AcceptInvitationData,
  'invitations.reply.v1': ReplyToInvitationData,
  'invitations.ignore.v1': OnInvitationData,
  'invitations.decline.v1': OnInvitationData,
  'invitations.withdraw.v1': OnInvitationData,
  'invitations.lift-restriction.v1': LiftRestrictionData,
  'invitations.remind.v1': RemindRecipientData,
  'invitations.record-connection.v1': RecordConnectionData,
} as const;

export type CommandType = keyof typeof COMMAND_TYPES;

/** Those that only this service issues. Their ids are of a kind that nobody else may use. */
export const SERVICE_COMMAND_TYPES: ReadonlySet<CommandType> = new Set<CommandType>([
  'invitations.remind.v1',
  'invitations.record-connection.v1',
]);

/** A command as it travels: its type, its id, and its data, valid by the type's class. */
export type CommandMessage = {
  [Type in CommandType]: {
    readonly type: Type;
    readonly commandId: string;
    readonly data: InstanceType<(typeof COMMAND_TYPES)[Type]>;
  };
}[CommandType];

/** The account that decides about a command, and so its Kafka key. */
export function accountOfCommand({ data }: Pick<CommandMessage, 'data'>): string {
  if (data instanceof SendInvitationData) return data.inviterId;
  if (data instanceof LiftRestrictionData || data instanceof RecordConnectionData) return data.accountId;
  return inviterOfInvitation(data.invitationId);
}

/** By which all that belongs to one invitation is found; what belongs to none has its own id. */
export function correlationOfCommand({
  commandId,
  data,
}: Pick<CommandMessage, 'commandId' | 'data'>): string {
  if (data instanceof SendInvitationData) return `${data.inviterId}.${commandId}`;
  if (data instanceof LiftRestrictionData) return commandId;
  return data instanceof RecordConnectionData ? data.through : data.invitationId;
}

/** Who asks for it (D11). */
export function actorOfCommand({ data }: Pick<CommandMessage, 'data'>): string {
  if (data instanceof SendInvitationData) return data.inviterId;
  if (data instanceof LiftRestrictionData) return data.operatorId;
  if (data instanceof RemindRecipientData || data instanceof RecordConnectionData) return THE_SERVICE;
  return data.actorId;
}
