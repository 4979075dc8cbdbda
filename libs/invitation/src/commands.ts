import type { EntryKeys } from './account.js';
import {
  inviterOf,
  type CommandId,
  type Instant,
  type InvitationId,
  type MemberId,
  type InvitationEvent,
} from './events.js';

/** A request to change an account. It names its actor (D11), and the time at which it is decided. */
export type Command =
  | SendInvitation
  | AcceptInvitation
  | ReplyToInvitation
  | IgnoreInvitation
  | RestoreInvitation
  | DeclineInvitation
  | WithdrawInvitation
  | LiftRestriction
  | CloseAccount
  | RemindRecipient
  | ExpireInvitation
  | CloseInvitation
  | RecordConnection
  | EndConnection;

interface BaseCommand {
  readonly commandId: CommandId;
  readonly at: Instant;
}

/** A command that a member gives. */
interface MemberCommand extends BaseCommand {
  /** The member's profile was removed, or their account closed: they can do nothing (D23). */
  readonly actorHasLeft?: true;
}

/** What the member directory knows of a recipient when the command is decided. */
export interface RecipientFacts {
  /** The recipient is a known member who takes invitations (D13). */
  readonly available: boolean;
  /** The command named an e-mail address, and it is the recipient's (R34). */
  readonly emailMatches: boolean;
}

export interface SendInvitation extends MemberCommand {
  readonly type: 'SendInvitation';
  readonly inviterId: MemberId;
  readonly recipientId: MemberId;
  readonly message?: string;
  readonly recipient: RecipientFacts;
}

interface InvitationCommand extends MemberCommand {
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

export interface RestoreInvitation extends InvitationCommand {
  readonly type: 'RestoreInvitation';
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

/** Closes an account for ever, because its owner leaves the network (D23). */
export interface CloseAccount extends BaseCommand {
  readonly type: 'CloseAccount';
  readonly accountId: MemberId;
  /** The operator, or the service, that closes the account. */
  readonly operatorId: string;
}

/** Issued by this service when a reminder is due. It is decided, so a read model that lags cannot send a wrong one (R22, D6). */
export interface RemindRecipient extends BaseCommand {
  readonly type: 'RemindRecipient';
  readonly invitationId: InvitationId;
  /** 1 for the first reminder of the invitation. */
  readonly ordinal: number;
}

/** Issued by this service when an invitation has been open for longer than the policy allows (D22). */
export interface ExpireInvitation extends BaseCommand {
  readonly type: 'ExpireInvitation';
  readonly invitationId: InvitationId;
  /** Names the relation from which the command is decided. */
  readonly recipientId: MemberId;
}

/** Issued by this service after an account was closed, for each of its open invitations (D23). */
export interface CloseInvitation extends BaseCommand {
  readonly type: 'CloseInvitation';
  readonly invitationId: InvitationId;
  readonly recipientId: MemberId;
}

/** Issued by this service after an acceptance, to the account of the member who accepted (D8). */
export interface RecordConnection extends BaseCommand {
  readonly type: 'RecordConnection';
  readonly accountId: MemberId;
  readonly memberId: MemberId;
  readonly through: InvitationId;
}

/** Issued by this service after an account was closed: for each of its connections, first to it and then to the other member's (D23). */
export interface EndConnection extends BaseCommand {
  readonly type: 'EndConnection';
  readonly accountId: MemberId;
  readonly memberId: MemberId;
  /** The one of the two whose account was closed. */
  readonly leaverId: MemberId;
}

/** The field that determines the account of a command. Each command has one of these, and so has its data in the contract. */
type AccountReference =
  | Pick<SendInvitation, 'inviterId'>
  | Pick<LiftRestriction | CloseAccount | RecordConnection | EndConnection, 'accountId'>
  | Pick<InvitationCommand | RemindRecipient | ExpireInvitation | CloseInvitation, 'invitationId'>;

/** The account that decides about a command: the inviter's, or the one that it names. */
export function accountOf(command: AccountReference): MemberId {
  if ('inviterId' in command) return command.inviterId;
  return 'accountId' in command ? command.accountId : inviterOf(command.invitationId);
}

/** The fields that determine the entries that a command is decided from. Each command has these, and so has its data in the contract. */
type EntryReference =
  | Pick<SendInvitation, 'recipientId'>
  | Pick<InvitationCommand | RemindRecipient, 'invitationId'>
  | Pick<ExpireInvitation | CloseInvitation, 'invitationId' | 'recipientId'>
  | Pick<RecordConnection | EndConnection, 'memberId'>
  | Pick<LiftRestriction | CloseAccount, 'operatorId'>;

/** The entries of the account that a command is decided from. */
export function entriesOf(commandId: CommandId, command: EntryReference): EntryKeys {
  const members =
    'recipientId' in command ? [command.recipientId] : 'memberId' in command ? [command.memberId] : [];
  return { commandId, members, invitations: 'invitationId' in command ? [command.invitationId] : [] };
}

/** Why a command is refused (D4). A refusal is a returned value, never an exception. */
export type RefusalCode =
  | 'INVALID_COMMAND'
  | 'LIMIT_REACHED'
  | 'ACCOUNT_RESTRICTED'
  | 'ALREADY_CONNECTED'
  | 'EMAIL_REQUIRED'
  | 'RECIPIENT_UNAVAILABLE'
  | 'NOT_FOUND'
  | 'NOT_YOURS'
  | 'NOT_OPEN'
  | 'ALREADY_ANSWERED'
  | 'NOT_IGNORED'
  | 'TOO_SOON';

export interface Accepted {
  readonly outcome: 'accepted';
  /** Empty when the account has processed this command before. */
  readonly events: readonly InvitationEvent[];
}

export interface Refused {
  readonly outcome: 'refused';
  readonly code: RefusalCode;
}

export type Decision = Accepted | Refused;

export const accept = (...events: InvitationEvent[]): Accepted => ({ outcome: 'accepted', events });
export const refuse = (code: RefusalCode): Refused => ({ outcome: 'refused', code });
