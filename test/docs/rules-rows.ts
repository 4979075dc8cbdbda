import type { Command, RecipientFacts } from '#libs/invitation';
import { accept, act, AMAL, BILAL, id, INVITATION, send, STRANGER } from '../support/story.js';

/** One line of each table: an actor, and commands with the same outcome. */
export interface Row {
  readonly key: string;
  readonly who: string;
  readonly asks: string;
  readonly commands: readonly Command[];
}

const DAY = 24 * 60 * 60_000;
/** The number of the command, and its time: a week after the invitation. */
const N = 40;
const DUE = new Date(Date.UTC(2026, 0, 12, 12)).toISOString();

const sending = (asks: string, recipient: RecipientFacts): Row => ({
  key: 'send',
  who: 'inviter',
  asks,
  commands: [send(N, { recipient, at: DUE })],
});

const answers = (actorId: string): Command[] => [
  accept(N, { actorId }),
  { ...act('ReplyToInvitation', N, actorId), message: 'Who are you?' },
  act('IgnoreInvitation', N, actorId),
  act('RestoreInvitation', N, actorId),
  act('DeclineInvitation', N, actorId),
];
const [accepts, replies, ignores, restores, declines] = answers(BILAL) as [
  Command,
  Command,
  Command,
  Command,
  Command,
];

const remind = (ordinal: number, at: string): Command => ({
  type: 'RemindRecipient',
  commandId: id(N),
  invitationId: INVITATION,
  ordinal,
  at,
});

const expire = (at: string): Command => ({
  type: 'ExpireInvitation',
  commandId: id(N),
  invitationId: INVITATION,
  recipientId: BILAL,
  at,
});

/** The invitation is sent in minute 1. */
const afterSending = (days: number) => new Date(Date.UTC(2026, 0, 5, 9, 1) + days * DAY).toISOString();

export const ROWS: readonly Row[] = [
  sending('a new invitation, without the right address', { available: true, emailMatches: false }),
  sending('a new invitation, with the right address', { available: true, emailMatches: true }),
  sending('a new invitation, to an unknown member or one who takes none', {
    available: false,
    emailMatches: true,
  }),
  { key: 'withdraw', who: 'inviter', asks: 'withdraw', commands: [act('WithdrawInvitation', N, AMAL)] },
  { key: 'other', who: 'inviter', asks: 'accept, reply, ignore, restore, decline', commands: answers(AMAL) },
  { key: 'accept', who: 'recipient', asks: 'accept', commands: [accepts] },
  { key: 'reply', who: 'recipient', asks: 'reply', commands: [replies] },
  { key: 'ignore', who: 'recipient', asks: 'ignore', commands: [ignores] },
  { key: 'restore', who: 'recipient', asks: 'restore', commands: [restores] },
  { key: 'decline', who: 'recipient', asks: 'decline', commands: [declines] },
  { key: 'other', who: 'recipient', asks: 'withdraw', commands: [act('WithdrawInvitation', N, BILAL)] },
  {
    key: 'other',
    who: 'a stranger',
    asks: 'any of these except a new invitation',
    commands: [...answers(STRANGER), act('WithdrawInvitation', N, STRANGER)],
  },
  {
    key: 'reminder',
    who: 'the service',
    asks: '1st reminder, early',
    commands: [remind(1, afterSending(6.9))],
  },
  { key: 'reminder', who: 'the service', asks: '1st reminder, due', commands: [remind(1, afterSending(7))] },
  {
    key: 'reminder',
    who: 'the service',
    asks: '1st reminder, no longer valid',
    commands: [remind(1, afterSending(9.1))],
  },
  {
    key: 'expiry',
    who: 'the service',
    asks: 'the invitation expires after 180 days, early',
    commands: [expire(afterSending(179.9))],
  },
  {
    key: 'expiry',
    who: 'the service',
    asks: 'the invitation expires after 180 days, due',
    commands: [expire(afterSending(180))],
  },
  {
    key: 'connection',
    who: 'the service',
    asks: 'a connection, because Amal accepted an invitation from Bilal',
    commands: [
      {
        type: 'RecordConnection',
        commandId: id(N),
        accountId: AMAL,
        memberId: BILAL,
        through: `${BILAL}.${id(70)}`,
        at: DUE,
      },
    ],
  },
  {
    key: 'end',
    who: 'the service',
    asks: 'the end of a connection, because Bilal’s account was closed',
    commands: [
      { type: 'EndConnection', commandId: id(N), accountId: AMAL, memberId: BILAL, leaverId: BILAL, at: DUE },
    ],
  },
  {
    key: 'close-invitation',
    who: 'the service',
    asks: 'the end of the invitation, because Amal’s account was closed',
    commands: [
      { type: 'CloseInvitation', commandId: id(N), invitationId: INVITATION, recipientId: BILAL, at: DUE },
    ],
  },
  {
    key: 'close',
    who: 'an operator',
    asks: 'close Amal’s account',
    commands: [{ type: 'CloseAccount', commandId: id(N), accountId: AMAL, operatorId: 'olga', at: DUE }],
  },
  {
    key: 'lift',
    who: 'an operator',
    asks: 'lift the restriction',
    commands: [
      {
        type: 'LiftRestriction',
        commandId: id(N),
        accountId: AMAL,
        operatorId: 'olga',
        reason: 'talked',
        at: DUE,
      },
    ],
  },
];
