import { describe, expect, it } from '@jest/globals';
import { parseCommand } from '#libs/contracts';
import type { RecipientProfile } from '#libs/profiles';
import { id, INVITATION, minute } from '../../../../test/support/story.js';
import { command } from '../../../../test/support/command-messages.js';
import { toDomainCommand } from './decision-context.js';

const AT = minute(9);
const directory = (record: Partial<RecipientProfile> = {}) =>
  new Map([['bilal', { email: 'Bilal@Network.example', takesInvitations: true, ...record }]]);

const domain = (
  type: string,
  data: object,
  recipients: ReadonlyMap<string, RecipientProfile> = directory(),
  left: ReadonlySet<string> = new Set(),
) => toDomainCommand(parseCommand(command(type, 1, data)), AT, { recipients, left });

const invite = { inviterId: 'amal', recipientId: 'bilal' };
const answer = { invitationId: INVITATION, actorId: 'bilal' };

describe('toDomainCommand', () => {
  it.each<[string, object, object]>([
    ['ignore', answer, { type: 'IgnoreInvitation', ...answer }],
    ['restore', answer, { type: 'RestoreInvitation', ...answer }],
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
  ])('maps %s %j', (type, data, expected) => {
    expect(domain(type, data)).toEqual({ ...expected, commandId: id(1), at: AT });
  });

  it.each<[string, object, ReadonlyMap<string, RecipientProfile>, object]>([
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
      'has this address in Unicode, and is named by its ASCII form',
      { ...invite, recipientEmail: 'noor@xn--bcher-kva.example' },
      directory({ email: 'Noor@bücher.example' }),
      { available: true, emailMatches: true },
    ],
    [
      'has this address in ASCII, and is named by its Unicode form in NFD',
      { ...invite, recipientEmail: 'jo\u0308rg@bu\u0308cher.example' },
      directory({ email: 'J\u00f6rg@xn--bcher-kva.example' }),
      { available: true, emailMatches: true },
    ],
    [
      'has no usable address',
      { ...invite, recipientEmail: 'bilal@network.example' },
      directory({ email: '' }),
      { available: true, emailMatches: false },
    ],
    [
      'has another address',
      { ...invite, recipientEmail: 'b@network.example' },
      directory(),
      { available: true, emailMatches: false },
    ],
  ])('looks up a recipient who %s (R34, D13)', (_who, data, recipients, recipient) => {
    expect(domain('send', data, recipients)).toEqual({
      type: 'SendInvitation',
      commandId: id(1),
      at: AT,
      ...invite,
      recipient,
    });
  });

  it.each<[string, object]>([
    ['send', invite],
    ['withdraw', { ...answer, actorId: 'amal' }],
    ['accept', { ...answer, actorId: 'amal' }],
    ['reply', { ...answer, actorId: 'amal', message: 'Who?' }],
    ['ignore', { ...answer, actorId: 'amal' }],
    ['restore', { ...answer, actorId: 'amal' }],
    ['decline', { ...answer, actorId: 'amal' }],
  ])('says of %s that its actor has left (D23)', (type, data) => {
    expect(domain(type, data, directory(), new Set(['amal']))).toHaveProperty('actorHasLeft', true);
    expect(domain(type, data, directory(), new Set(['chiara']))).not.toHaveProperty('actorHasLeft');
  });

  it('takes a recipient who has left for one whom nobody knows (D23)', () => {
    const data = { ...invite, recipientEmail: 'bilal@network.example' };
    expect(domain('send', data, directory(), new Set(['bilal']))).toEqual(domain('send', data, new Map()));
  });

  it('omits an empty message', () => {
    expect(domain('send', { ...invite, message: '' })).not.toHaveProperty('message');
    expect(domain('send', { ...invite, message: 'Hi' })).toHaveProperty('message', 'Hi');
  });
});
