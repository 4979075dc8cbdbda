import {
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';
import { accept, act, AMAL, BILAL, id, INVITATION, send } from '../../support/story.js';

const POLICY = { ...DEFAULT_POLICY, restrictAfterDeclines: 1, invitationExpiryMs: 1 };
const days = (count: number) => new Date(Date.UTC(2026, 0, 5, 9, 1) + count * 24 * 60 * 60_000).toISOString();

/** Commands on Amal's account. Each list starts from an empty account. */
const STORIES: readonly (readonly Command[])[] = [
  [
    send(1, { message: 'We met at the streaming meetup. Shall we connect?' }),
    { type: 'RemindRecipient', commandId: id(2), invitationId: INVITATION, ordinal: 1, at: days(7) },
    { ...act('ReplyToInvitation', 3), message: 'Remind me, which meetup was it?' },
    accept(4, { via: 'email' }),
  ],
  [
    send(1),
    act('IgnoreInvitation', 5),
    act('RestoreInvitation', 12),
    act('IgnoreInvitation', 13),
    act('DeclineInvitation', 6),
    {
      type: 'LiftRestriction',
      commandId: id(7),
      accountId: AMAL,
      operatorId: 'olga',
      reason: 'talked to Amal',
      at: days(3),
    },
    act('WithdrawInvitation', 8, AMAL),
  ],
  [
    send(1),
    {
      type: 'ExpireInvitation',
      commandId: id(11),
      invitationId: INVITATION,
      recipientId: BILAL,
      at: days(180),
    },
  ],
  [
    send(1),
    { type: 'CloseAccount', commandId: id(12), accountId: AMAL, operatorId: 'olga', at: days(40) },
    {
      type: 'CloseInvitation',
      commandId: id(13),
      invitationId: INVITATION,
      recipientId: BILAL,
      at: days(40),
    },
    {
      type: 'EndConnection',
      commandId: id(14),
      accountId: AMAL,
      memberId: BILAL,
      leaverId: AMAL,
      at: days(40),
    },
  ],
  [
    {
      type: 'RecordConnection',
      commandId: id(9),
      accountId: AMAL,
      memberId: BILAL,
      through: `${BILAL}.${id(10)}`,
      at: days(1),
    },
  ],
];

/** Returns an event of each type, as the domain decides it. */
export function exampleEvents(): ReadonlyMap<string, InvitationEvent> {
  const examples = new Map<string, InvitationEvent>();
  for (const story of STORIES) {
    const account = initialState();
    for (const command of story) {
      const decision = decide(account, command, POLICY);
      if (decision.outcome === 'refused') throw new Error(`${command.type} is refused: ${decision.code}`);
      for (const event of decision.events) {
        evolve(account, event);
        if (!examples.has(event.type)) examples.set(event.type, event);
      }
    }
  }
  return examples;
}
