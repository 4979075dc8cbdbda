import { describe, it } from '@jest/globals';
import type { Command, InvitationEvent, RefusalCode } from '#libs/invitation';
import { given } from '../../../../test/support/given.js';
import {
  accept,
  accepted,
  act,
  AMAL,
  BILAL,
  connected,
  declined,
  expired,
  ignored,
  INVITATION,
  replied,
  restored,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';

/** What has become of the first invitation. */
const SINCE = {
  untouched: [],
  replied: [replied(2)],
  'replied and then ignored': [replied(2), ignored(3)],
  'ignored and then replied': [ignored(2), replied(3)],
  ignored: [ignored(2)],
  restored: [ignored(2), restored(3)],
  'replied, ignored and restored': [replied(2), ignored(3), restored(4)],
  'restored and ignored again': [ignored(2), restored(3), ignored(4)],
  accepted: [accepted(2)],
  declined: [ignored(2), declined(3)],
  withdrawn: [withdrawn(2)],
  superseded: [sent(2, { supersedes: INVITATION })],
  expired: [expired(2)],
  'ignored and then expired': [ignored(2), expired(3)],
  'declined and then expired': [ignored(2), declined(3), expired(4)],
  closed: [connected(2, INVITATION)],
} satisfies Record<string, InvitationEvent[]>;

const COMMANDS = {
  accept: accept(9),
  reply: { ...act('ReplyToInvitation', 9), message: 'Who are you?' },
  ignore: act('IgnoreInvitation', 9),
  restore: act('RestoreInvitation', 9),
  decline: act('DeclineInvitation', 9),
  withdraw: act('WithdrawInvitation', 9, AMAL),
} satisfies Record<string, Command>;

type Name = keyof typeof COMMANDS;

describe('decide on an invitation', () => {
  it.each<[string, keyof typeof SINCE, RefusalCode, Name[]]>([
    ['R23, D20', 'untouched', 'NOT_IGNORED', ['decline', 'restore']],
    ['R17', 'replied', 'ALREADY_ANSWERED', ['reply']],
    ['R23, D20', 'replied', 'NOT_IGNORED', ['decline', 'restore']],
    ['D17', 'replied and then ignored', 'ALREADY_ANSWERED', ['reply', 'ignore']],
    ['D17', 'ignored and then replied', 'ALREADY_ANSWERED', ['reply', 'ignore']],
    ['R19', 'ignored', 'ALREADY_ANSWERED', ['ignore']],
    ['R23, D20', 'restored', 'NOT_IGNORED', ['decline', 'restore']],
    ['R23, D20', 'replied, ignored and restored', 'NOT_IGNORED', ['decline', 'restore']],
    ['D17, D20', 'replied, ignored and restored', 'ALREADY_ANSWERED', ['reply']],
    ['R19', 'restored and ignored again', 'ALREADY_ANSWERED', ['ignore']],
    [
      'R10, D3',
      'accepted',
      'ALREADY_ANSWERED',
      ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw'],
    ],
    ['D5, D20', 'declined', 'ALREADY_ANSWERED', ['accept', 'reply', 'ignore', 'restore', 'decline']],
    ['R32', 'withdrawn', 'NOT_OPEN', ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw']],
    ['D2', 'superseded', 'NOT_OPEN', ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw']],
    ['D22', 'expired', 'NOT_OPEN', ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw']],
    [
      'D22',
      'ignored and then expired',
      'NOT_OPEN',
      ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw'],
    ],
    [
      'D22',
      'declined and then expired',
      'NOT_OPEN',
      ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw'],
    ],
    ['D8', 'closed', 'NOT_OPEN', ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw']],
  ])('%s: refuses for an invitation that is %s with %s: %j', (_rule, status, code, names) => {
    for (const name of names) {
      given(sent(1), ...SINCE[status])
        .when(COMMANDS[name])
        .refused(code);
    }
  });
});

describe.each(Object.keys(SINCE) as (keyof typeof SINCE)[])(
  'decide for other actors on an invitation that is %s',
  (status) => {
    const names = Object.keys(COMMANDS) as Name[];

    it.each(names)('refuses the other side with NOT_YOURS when it tries to %s (D4, D11)', (name) => {
      given(sent(1), ...SINCE[status])
        .when({ ...COMMANDS[name], actorId: name === 'withdraw' ? BILAL : AMAL })
        .refused('NOT_YOURS');
    });

    it.each(names)('refuses a stranger with NOT_FOUND when they try to %s (D4)', (name) => {
      given(sent(1), ...SINCE[status])
        .when({ ...COMMANDS[name], actorId: STRANGER })
        .refused('NOT_FOUND');
    });
  },
);
