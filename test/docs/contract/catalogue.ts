import {
  COMMAND_TYPES,
  CommandOutcome,
  EVENT_TYPES,
  MemberProfile,
  SERVICE_COMMAND_TYPES,
  type CommandType,
  type EventType,
} from '#libs/contracts';
import { schemaOf, type Schema } from './json-schema.js';

/** Raised by whoever makes a release; see docs/contributing.md. */
export const CONTRACT_VERSION = '1.0.0';

export type PublicCommand = Exclude<
  CommandType,
  'invitations.remind.v1' | 'invitations.record-connection.v1'
>;

/** The commands that others may publish. Those that only this service issues may change without notice. */
export const PUBLIC_COMMANDS = Object.keys(COMMAND_TYPES).filter(
  (type) => !SERVICE_COMMAND_TYPES.has(type as CommandType),
) as PublicCommand[];

export const EVENTS = Object.keys(EVENT_TYPES) as EventType[];

interface CommandWords {
  readonly title: string;
  readonly summary: string;
  /** Whether the inviter hears nothing of it. */
  readonly silent: boolean;
  readonly inviterHears: string;
  /** Whose id the key is. */
  readonly key: string;
}

export const COMMAND_WORDS: Readonly<Record<PublicCommand, CommandWords>> = {
  'invitations.send.v1': {
    title: 'Send',
    summary: 'One member invites another to connect, also as a follow-up of an open invitation (R21).',
    silent: false,
    inviterHears: 'The invitation is in their list of sent ones; the event invitations.sent.v1 goes out.',
    key: 'inviterId',
  },
  'invitations.accept.v1': {
    title: 'Accept',
    summary: 'The recipient becomes a member of the inviter’s network (R10).',
    silent: false,
    inviterHears:
      'The event invitations.accepted.v1, and an e-mail unless they restricted e-mail (R12, R13).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.reply.v1': {
    title: 'Reply',
    summary: 'The recipient writes to the inviter; the invitation stays open (R15–R18).',
    silent: false,
    inviterHears: 'The event invitations.replied.v1, and an e-mail with the text (R16). Nothing else.',
    key: 'the part of invitationId before the dot',
  },
  'invitations.ignore.v1': {
    title: 'Ignore',
    summary: 'The invitation moves to the recipient’s archive; reminders stop (R19, R22).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail, no status (R20). It cannot be told from an untouched one (D1).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.decline.v1': {
    title: 'Decline',
    summary:
      '“I don’t know them”: refuses an ignored invitation and bars the inviter from another (R23–R25).',
    silent: true,
    inviterHears:
      'Nothing: no event, no e-mail, no status, no number of declines (R29, R30). A later invitation is refused with ' +
      'RECIPIENT_UNAVAILABLE, which has other causes, too (D4).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.withdraw.v1': {
    title: 'Withdraw',
    summary:
      'The inviter takes an unanswered invitation back (R31); it counts towards the limit all the same (R35).',
    silent: true,
    inviterHears:
      'Nothing, nor does the recipient: no event, no e-mail (R33). It leaves the recipient’s lists (R32).',
    key: 'the part of invitationId before the dot',
  },
  'invitations.lift-restriction.v1': {
    title: 'Lift a restriction',
    summary: 'An operator lets a restricted account send invitations again (D7).',
    silent: true,
    inviterHears: 'Nothing: no event, no e-mail. What restricted the account is not told either (R29).',
    key: 'accountId',
  },
};

export const EVENT_WORDS: Readonly<Record<EventType, { title: string; summary: string }>> = {
  'invitations.sent.v1': { title: 'Sent', summary: 'An invitation waits in the recipient’s inbox (R9).' },
  'invitations.accepted.v1': { title: 'Accepted', summary: 'The two are connected (R10).' },
  'invitations.replied.v1': {
    title: 'Replied',
    summary: 'The recipient wrote back; the invitation is open (R15).',
  },
  'invitations.reminder-due.v1': {
    title: 'Reminder due',
    summary: 'The recipient may be reminded until validUntil (R6, D6).',
  },
};

/** The schemas of all values, by name; `commands/` and `members/` are read by this service, the rest by others. */
export function schemas(): Readonly<Record<string, Schema>> {
  return {
    ...Object.fromEntries(
      PUBLIC_COMMANDS.map((type) => [`commands/${type}`, titled(type, schemaOf(COMMAND_TYPES[type], 'us'))]),
    ),
    ...Object.fromEntries(
      EVENTS.map((type) => [`events/${type}`, titled(type, schemaOf(EVENT_TYPES[type].data, 'others'))]),
    ),
    'outcomes/invitations.outcome.v1': titled('invitations.outcome.v1', {
      ...schemaOf(CommandOutcome, 'others'),
      additionalProperties: false,
      oneOf: [
        { properties: { outcome: { const: 'accepted' } }, not: { required: ['code'] } },
        { properties: { outcome: { const: 'refused' } }, required: ['code'] },
      ],
    }),
    'members/profile': titled('profile', schemaOf(MemberProfile, 'us, of facts')),
  };
}

const titled = (title: string, schema: Schema): Schema => ({ title, ...schema });
