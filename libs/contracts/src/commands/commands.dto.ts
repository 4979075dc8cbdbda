import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { accountOf, invitationIdOf } from '#libs/invitation';
import { IsMemberText, IsInvitationId, IsMemberId, IsEmailAddress } from '../fields.js';

/** Data of `invitations.send.v1`. */
export class SendInvitationData {
  /** The member who invites, and the Kafka key. */
  @IsMemberId()
  inviterId: string;

  /** The member who is invited. */
  @IsMemberId()
  recipientId: string;

  /** Required after an invitation to this recipient was withdrawn (R34). */
  @IsOptional()
  @IsEmailAddress()
  recipientEmail?: string;

  /** The message to the recipient, shown in the inbox and in the e-mail (D9). */
  @IsOptional()
  @IsMemberText(0, 300)
  message?: string;
}

/** Data of `invitations.ignore.v1`, `invitations.restore.v1`, `invitations.decline.v1` and `invitations.withdraw.v1`. */
export class InvitationCommandData {
  /** `<inviterId>.<commandId of its send>`. The part before the dot is the Kafka key. */
  @IsInvitationId()
  invitationId: string;

  /** The member who acts (D11): the recipient, or for a withdrawal the inviter. */
  @IsMemberId()
  actorId: string;
}

/** Data of `invitations.accept.v1`. */
export class AcceptInvitationData extends InvitationCommandData {
  /** How the recipient accepted (R11). The default is `site`. */
  @IsOptional()
  @IsIn(['site', 'email'])
  via?: 'site' | 'email';
}

/** Data of `invitations.reply.v1`. */
export class ReplyToInvitationData extends InvitationCommandData {
  /** The message to the inviter (R16, D9). */
  @IsMemberText(1, 2000)
  message: string;
}

/** Data of `invitations.lift-restriction.v1`. */
export class LiftRestrictionData {
  /** The restricted account, and the Kafka key. */
  @IsMemberId()
  accountId: string;

  /** The operator who lifts the restriction (D11). */
  @IsMemberId()
  operatorId: string;

  /** Why the restriction is lifted. Stored with the event. */
  @IsMemberText(1, 500)
  reason: string;
}

/** Data of `invitations.close-account.v1`. */
export class CloseAccountData {
  /** The account to close, and the Kafka key. */
  @IsMemberId()
  accountId: string;

  /** The operator, or the service, that closes the account. Stored with the event. */
  @IsMemberId()
  operatorId: string;
}

/** Data of `invitations.remind.v1`, which only this service issues: a reminder may be due. */
export class RemindRecipientData {
  @IsInvitationId()
  invitationId: string;

  /** 1 for the first reminder of an invitation. */
  @IsInt()
  @Min(1)
  ordinal: number;
}

/** Data of `invitations.expire.v1`, which only this service issues: an invitation may have been open for too long (D22). */
export class ExpireInvitationData {
  @IsInvitationId()
  invitationId: string;

  /** The recipient of the invitation. */
  @IsMemberId()
  recipientId: string;
}

/** Data of `invitations.record-connection.v1`, which only this service issues: the other side of an acceptance (D8). */
export class RecordConnectionData {
  /** The member who accepted. */
  @IsMemberId()
  accountId: string;

  /** The member who had invited. */
  @IsMemberId()
  memberId: string;

  /** The accepted invitation. */
  @IsInvitationId()
  through: string;
}

/** Data of `invitations.close-invitation.v1`, which only this service issues: the inviter's account was closed (D23). */
export class CloseInvitationData {
  @IsInvitationId()
  invitationId: string;

  /** The recipient of the invitation. */
  @IsMemberId()
  recipientId: string;
}

/** Data of `invitations.end-connection.v1`, which only this service issues: the account of one of the two was closed (D23). */
export class EndConnectionData {
  @IsMemberId()
  accountId: string;

  /** The other member. */
  @IsMemberId()
  memberId: string;

  /** The one of the two whose account was closed. */
  @IsMemberId()
  leaverId: string;
}

/** The actor of commands that this service issues by itself. No member has this id. */
export const SYSTEM_ACTOR = '$invitations';

/** The `ce_type` of each command, and the DTO class of its data. */
export const COMMAND_TYPES = {
  'invitations.send.v1': SendInvitationData,
  'invitations.accept.v1': AcceptInvitationData,
  'invitations.reply.v1': ReplyToInvitationData,
  'invitations.ignore.v1': InvitationCommandData,
  'invitations.restore.v1': InvitationCommandData,
  'invitations.decline.v1': InvitationCommandData,
  'invitations.withdraw.v1': InvitationCommandData,
  'invitations.lift-restriction.v1': LiftRestrictionData,
  'invitations.close-account.v1': CloseAccountData,
  'invitations.remind.v1': RemindRecipientData,
  'invitations.expire.v1': ExpireInvitationData,
  'invitations.close-invitation.v1': CloseInvitationData,
  'invitations.record-connection.v1': RecordConnectionData,
  'invitations.end-connection.v1': EndConnectionData,
} as const;

export type CommandType = keyof typeof COMMAND_TYPES;

const SERVICE_COMMANDS = [
  'invitations.remind.v1',
  'invitations.expire.v1',
  'invitations.close-invitation.v1',
  'invitations.record-connection.v1',
  'invitations.end-connection.v1',
] as const satisfies readonly CommandType[];

export type ServiceCommandType = (typeof SERVICE_COMMANDS)[number];

/** Commands that only this service issues. Their ids are UUIDs of version 8, which nobody else may use. */
export const SERVICE_COMMAND_TYPES: ReadonlySet<string> = new Set(SERVICE_COMMANDS);

/** A parsed command: its type, its id, and its valid data. */
export type CommandMessage = {
  [Type in CommandType]: {
    readonly type: Type;
    readonly commandId: string;
    readonly data: InstanceType<(typeof COMMAND_TYPES)[Type]>;
  };
}[CommandType];

/** The account that decides about a command. Its id is also the Kafka key. */
export const accountOfCommand = ({ data }: Pick<CommandMessage, 'data'>): string => accountOf(data);

/** The id that everything about one invitation shares; the command's own id if it is not about an invitation. */
export function correlationOfCommand({
  commandId,
  data,
}: Pick<CommandMessage, 'commandId' | 'data'>): string {
  if (data instanceof SendInvitationData) return invitationIdOf(data.inviterId, commandId);
  if (data instanceof RecordConnectionData) return data.through;
  return 'invitationId' in data ? data.invitationId : commandId;
}

/** The member, operator or service that issued a command (D11). */
export function actorOfCommand({ data }: Pick<CommandMessage, 'data'>): string {
  if (data instanceof SendInvitationData) return data.inviterId;
  if ('operatorId' in data) return data.operatorId;
  return 'actorId' in data ? data.actorId : SYSTEM_ACTOR;
}
