import type { EntryKeys } from './account.js';
import { inviterOf, type CommandId, type Instant, type InvitationId, type MemberId } from './ids.js';

/** A request to change an account. It names its actor (D11), and the time at which it is decided. */
export type Command =
  | SendInvitation
  | AcceptInvitation
  | ReplyToInvitation
  | IgnoreInvitation
  | DeclineInvitation
  | WithdrawInvitation
  | LiftRestriction
  | RemindRecipient
  | RecordConnection;

interface BaseCommand {
  readonly commandId: CommandId;
  readonly at: Instant;
}

/** What the member directory knows of a recipient when the command is decided. */
export interface RecipientFacts {
  /** The recipient is a known member who takes invitations (D13). */
  readonly available: boolean;
  /** The command named an e-mail address, and it is the recipient's (R34). */
  readonly emailMatches: boolean;
}

export interface SendInvitation extends BaseCommand {
  readonly type: 'SendInvitation';
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly message?: string;
  readonly recipient: RecipientFacts;
}

interface InvitationCommand extends BaseCommand {
  readonly invitationId: InvitationId;
  readonly actorId: MemberId;
}

export interface AcceptInvitation extends InvitationCommand {
  readonly type: 'AcceptInvitation';
  readonly via: 'site' | 'email';
}

export interface ReplyToInvitation extends InvitationCommand {
  readonly type: 'ReplyToInvitation';
  readonly message: string;
}

export interface IgnoreInvitation extends InvitationCommand {
  readonly type: 'IgnoreInvitation';
}

export interface DeclineInvitation extends InvitationCommand {
  readonly type: 'DeclineInvitation';
}

export interface WithdrawInvitation extends InvitationCommand {
  readonly type: 'WithdrawInvitation';
}

export interface LiftRestriction extends BaseCommand {
  readonly type: 'LiftRestriction';
  readonly accountId: MemberId;
  readonly operatorId: string;
  readonly reason: string;
}

/** Issued by this service when a reminder is due. It is decided, so a read model that lags cannot send a wrong one (R22, D6). */
export interface RemindRecipient extends BaseCommand {
  readonly type: 'RemindRecipient';
  readonly invitationId: InvitationId;
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
}

/** Issued by this service after an acceptance, to the account of the member who accepted (D8). */
export interface RecordConnection extends BaseCommand {
  readonly type: 'RecordConnection';
  readonly accountId: MemberId;
  readonly memberId: MemberId;
  readonly through: InvitationId;
}

/** What tells the account of a command. Each command has one of these, and so has its data in the contract. */
export type AccountReference =
  | Pick<SendInvitation, 'inviterId'>
  | Pick<LiftRestriction | RecordConnection, 'accountId'>
  | Pick<InvitationCommand | RemindRecipient, 'invitationId'>;

/** The account that decides about a command: the inviter's; for a recorded connection that of the member who accepted. */
export function accountOf(command: AccountReference): MemberId {
  if ('inviterId' in command) return command.inviterId;
  return 'accountId' in command ? command.accountId : inviterOf(command.invitationId);
}

/** What tells the entries that a command is decided from. Each command has one of these, and so has its data in the contract. */
export type EntryReference =
  | Pick<SendInvitation, 'recipientId'>
  | Pick<InvitationCommand | RemindRecipient, 'invitationId'>
  | Pick<RecordConnection, 'memberId'>
  | Pick<LiftRestriction, 'operatorId'>;

/** The entries of the account that a command is decided from. */
export function entriesOf(commandId: CommandId, command: EntryReference): EntryKeys {
  const members =
    'recipientId' in command ? [command.recipientId] : 'memberId' in command ? [command.memberId] : [];
  return { commandId, members, invitations: 'invitationId' in command ? [command.invitationId] : [] };
}
