import {
  COMMAND_TYPES,
  CommandOutcome,
  EVENT_TYPES,
  MemberProfile,
  SERVICE_COMMAND_TYPES,
  type CommandType,
  type EventType,
  type ServiceCommandType,
} from '#libs/contracts';
import { schemaOf, type Schema } from './json-schema.js';

/** Raised for each release; see docs/contributing.md. */
export const CONTRACT_VERSION = '3.1.0';

export type PublicCommand = Exclude<CommandType, ServiceCommandType>;

/** The commands that other services may publish. Commands that only this service issues may change without notice. */
export const PUBLIC_COMMANDS = Object.keys(COMMAND_TYPES).filter(
  (type) => !SERVICE_COMMAND_TYPES.has(type),
) as PublicCommand[];

export const EVENTS = Object.keys(EVENT_TYPES) as EventType[];

interface CommandWords {
  readonly title: string;
  readonly summary: string;
  /** Whether the inviter learns nothing about the command. */
  readonly silent: boolean;
  readonly inviterHears: string;
  /** Describes the Kafka key. */
  readonly key: string;
}

export const COMMAND_WORDS: Readonly<Record<PublicCommand, CommandWords>> = {
  'invitations.send.v1': {
    title: 'Send',
    summary: 'A member invites another member to connect, also as a follow-up to an open invitation (R21).',
    silent: false,
    inviterHears: 'The invitation in their list of sent invitations, and the event invitations.sent.v1.',
    key: 'inviterId',
  },
  'invitations.accept.v1': {
    title: 'Accept',
    summary: 'The recipient accepts, and becomes a member of the inviter’s network (R10).',
    silent: false,
    inviterHears:
      'The event invitations.accepted.v1, and an e-mail unless they have restricted e-mail (R12, R13).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.reply.v1': {
    title: 'Reply',
    summary: 'The recipient replies to the inviter with a message. The invitation stays open (R15–R18).',
    silent: false,
    inviterHears: 'The event invitations.replied.v1, and an e-mail with the text (R16). Nothing else.',
    key: 'the part of invitationId before the dot',
  },
  'invitations.ignore.v1': {
    title: 'Ignore',
    summary:
      'The recipient moves the invitation to the archive, also after a reply. Reminders stop (R19, R22, D17).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail, no status (R20). The invitation looks as it did before (D1).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.restore.v1': {
    title: 'Move back to the inbox',
    summary:
      'The recipient moves an ignored invitation back to the inbox, unless they declined it. Reminders do not start again (D20).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail, no status (D20). The invitation looks as it did before (D1).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.decline.v1': {
    title: 'Decline',
    summary:
      'The recipient says “I don’t know them” about an ignored invitation. The inviter cannot invite them again (R23–R25).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail, no status, no number of declines (R29, R30). A later invitation is refused with ' +
      'RECIPIENT_UNAVAILABLE, which has other causes too (D4).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.withdraw.v1': {
    title: 'Withdraw',
    summary:
      'The inviter withdraws an invitation that is not accepted, also after a reply (R31, D3). It still counts towards the limit (R35).',
    silent: true,
    inviterHears:
      'No event and no e-mail, neither for the inviter nor for the recipient (R33). The invitation leaves the recipient’s lists (R32).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.lift-restriction.v1': {
    title: 'Lift a restriction',
    summary: 'An operator lets a restricted account send invitations again (D7).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail. The service does not say why the account was restricted (R29).',
    key: 'accountId',
  },
  'invitations.close-account.v1': {
    title: 'Close an account',
    summary:
      'The profile service or an operator closes an account for ever, because its owner leaves (D23). It sends nothing more, and its ' +
      'open invitations cannot be answered. They do not leave the lists of their recipients yet, and connections do not end yet.',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail. To other members the owner is like an unknown member from then on, as after their profile was removed.',
    key: 'accountId',
  },
};

export const EVENT_WORDS: Readonly<Record<EventType, { title: string; summary: string }>> = {
  'invitations.sent.v1': {
    title: 'Sent',
    summary: 'A member sent an invitation, which is now in the recipient’s inbox (R9).',
  },
  'invitations.accepted.v1': {
    title: 'Accepted',
    summary: 'The recipient accepted, and the two members are connected (R10).',
  },
  'invitations.replied.v1': {
    title: 'Replied',
    summary: 'The recipient replied with a message. The invitation is still open (R15).',
  },
  'invitations.reminder-due.v1': {
    title: 'Reminder due',
    summary: 'A reminder is due, and may be sent to the recipient until validUntil (R6, D6).',
  },
};

/** The names of the schemas, for generated types. */
const SCHEMA_TITLES: Readonly<Record<PublicCommand | EventType, string>> = {
  'invitations.send.v1': 'SendInvitation',
  'invitations.accept.v1': 'AcceptInvitation',
  'invitations.reply.v1': 'ReplyToInvitation',
  'invitations.ignore.v1': 'IgnoreInvitation',
  'invitations.restore.v1': 'RestoreInvitation',
  'invitations.decline.v1': 'DeclineInvitation',
  'invitations.withdraw.v1': 'WithdrawInvitation',
  'invitations.lift-restriction.v1': 'LiftRestriction',
  'invitations.close-account.v1': 'CloseAccount',
  'invitations.sent.v1': 'InvitationSent',
  'invitations.accepted.v1': 'InvitationAccepted',
  'invitations.replied.v1': 'InvitationReplied',
  'invitations.reminder-due.v1': 'ReminderDue',
};

/** The schemas of all values, by name. This service reads `commands/` and `members/`; others read the rest. */
export function schemas(): Readonly<Record<string, Schema>> {
  return {
    ...Object.fromEntries(
      PUBLIC_COMMANDS.map((type) => [
        `commands/${type}`,
        titled(SCHEMA_TITLES[type], schemaOf(COMMAND_TYPES[type], 'us')),
      ]),
    ),
    ...Object.fromEntries(
      EVENTS.map((type) => [
        `events/${type}`,
        titled(SCHEMA_TITLES[type], schemaOf(EVENT_TYPES[type].data, 'others')),
      ]),
    ),
    'outcomes/invitations.outcome.v1': titled('CommandOutcome', schemaOf(CommandOutcome, 'others')),
    'members/profile': titled('MemberProfile', schemaOf(MemberProfile, 'us, of facts')),
  };
}

const titled = (title: string, schema: Schema): Schema => ({ title, ...schema });
