import { describe, expect, it } from '@jest/globals';
import { parseCommand } from '#libs/contracts';
import type { RecipientRecord } from '#libs/read-models';
import { id, INVITATION, minute } from '../../../../test/support/story.js';
import { command } from '../../../../test/support/command-messages.js';
import { toDomain } from './to-domain.js';

const AT = minute(9);
const directory = (record: Partial<RecipientRecord> = {}) =>
  new Map([['bilal', { email: 'Bilal@Network.example', takesInvitations: true, ...record }]]);

const domain = (type: string, data: object, recipients: ReadonlyMap<string, RecipientRecord> = directory()) =>
  toDomain(parseCommand(command(type, 1, data)), AT, recipients);

const invite = { inviterId: 'amal', recipientId: 'bilal' };
const answer = { invitationId: INVITATION, actorId: 'bilal' };

describe('a command as the domain takes it', () => {
  it.each<[string, object, object]>([
    ['ignore', answer, { type: 'IgnoreInvitation', ...answer }],
    ['decline', answer, { type: 'DeclineInvitation', ...answer }],
    ['withdraw', answer, { type: 'WithdrawInvitation', ...answer }],
    ['reply', { ...answer, message: 'Who?' }, { type: 'ReplyToInvitation', ...answer, message: 'Who?' }],
    ['accept', answer, { type: 'AcceptInvitation', ...answer, via: 'site' }],
    ['accept', { ...answer, via: 'email' }, { type: 'AcceptInvitation', ...answer, via: 'email' }],
    [
      'lift-restriction',
      { accountId: 'amal', operatorId: 'olga', reason: 'talked' },
      { type: 'LiftRestriction', accountId: 'amal', operatorId: 'olga', reason: 'talked' },
    ],
  ])('%s %j', (type, data, expected) => {
    expect(domain(type, data)).toEqual({ ...expected, commandId: id(1), at: AT });
  });

  it.each<[string, object, ReadonlyMap<string, RecipientRecord>, object]>([
    ['nobody knows', invite, new Map(), { available: false, emailMatches: false }],
    [
      'nobody knows, by address',
      { ...invite, recipientEmail: 'bilal@network.example' },
      new Map(),
      { available: false, emailMatches: false },
    ],
    ['takes invitations', invite, directory(), { available: true, emailMatches: false }],
    ['takes none', invite, directory({ takesInvitations: false }), { available: false, emailMatches: false }],
    [
      'has this address',
      { ...invite, recipientEmail: 'bilal@NETWORK.example' },
      directory(),
      { available: true, emailMatches: true },
    ],
    [
      'has another address',
      { ...invite, recipientEmail: 'b@network.example' },
      directory(),
      { available: true, emailMatches: false },
    ],
  ])('R34, D13: a recipient who %s', (_who, data, recipients, recipient) => {
    expect(domain('send', data, recipients)).toEqual({
      type: 'SendInvitation',
      commandId: id(1),
      at: AT,
      ...invite,
      recipient,
    });
  });

  it('knows no empty message', () => {
    expect(domain('send', { ...invite, message: '' })).not.toHaveProperty('message');
    expect(domain('send', { ...invite, message: 'Hi' })).toHaveProperty('message', 'Hi');
  });
});
