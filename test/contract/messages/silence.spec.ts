import { describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import {
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';
import { toIntegrationEvent } from '../../../apps/projector/src/publisher/integration-event.mapper.js';
import { COMMAND_WORDS, type PublicCommand } from '../../docs/contract/catalogue.js';
import { accept, act, AMAL, id, ignored, minute, restricted, send, sent } from '../../support/story.js';

const CASES: Readonly<Record<PublicCommand, { history: readonly InvitationEvent[]; command: Command }>> = {
  'invitations.send.v1': { history: [], command: send(1) },
  'invitations.accept.v1': { history: [sent(1)], command: accept(2) },
  'invitations.reply.v1': {
    history: [sent(1)],
    command: { ...act('ReplyToInvitation', 2), message: 'Who?' },
  },
  'invitations.ignore.v1': { history: [sent(1)], command: act('IgnoreInvitation', 2) },
  'invitations.restore.v1': { history: [sent(1), ignored(2)], command: act('RestoreInvitation', 3) },
  'invitations.decline.v1': { history: [sent(1), ignored(2)], command: act('DeclineInvitation', 3) },
  'invitations.withdraw.v1': { history: [sent(1)], command: act('WithdrawInvitation', 2, AMAL) },
  'invitations.close-account.v1': {
    history: [sent(1)],
    command: { type: 'CloseAccount', commandId: id(2), at: minute(2), accountId: AMAL, operatorId: 'olga' },
  },
  'invitations.lift-restriction.v1': {
    history: [restricted(1)],
    command: {
      type: 'LiftRestriction',
      commandId: id(2),
      at: minute(2),
      accountId: AMAL,
      operatorId: 'olga',
      reason: 'talked',
    },
  },
};

describe('what the contract promises about silence', () => {
  it.each(Object.keys(CASES) as PublicCommand[])('holds for %s (R20, R30, R33, D20)', (type) => {
    const { history, command } = CASES[type];
    const decision = decide(history.reduce(evolve, initialState()), command, {
      ...DEFAULT_POLICY,
      restrictAfterDeclines: 1,
    });
    if (decision.outcome === 'refused') throw new Error(`refused: ${decision.code}`);
    expect(decision.events.length).toBeGreaterThan(0);
    const told = decision.events
      .map((event) =>
        toIntegrationEvent({ id: id(9), event, position: { commit: 1n, prepare: 1n } }, new Topics()),
      )
      .filter((message) => message !== undefined);
    expect(told.length === 0).toBe(COMMAND_WORDS[type].silent);
    // The descriptions of the other commands name the event.
    for (const { headers } of told) {
      expect(COMMAND_WORDS[type].inviterHears).toContain(String(headers?.['ce_type']));
    }
  });
});
