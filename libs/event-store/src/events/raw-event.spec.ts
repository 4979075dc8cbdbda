import { describe, expect, it } from '@jest/globals';
import { toRawEvent } from './raw-event.js';

const rawEvent = (streamId: string, type = 'InvitationSent') =>
  toRawEvent({
    id: '00000000-0000-4000-8000-000000000001',
    type,
    streamId,
    revision: 0n,
    created: new Date(0),
    data: {},
    metadata: {},
    position: { commit: 1n, prepare: 1n },
  });

describe('toRawEvent', () => {
  it('names the account and the slice of an event in an account stream', () => {
    expect(rawEvent('account-3f-amal-1')).toMatchObject({
      accountId: 'amal-1',
      slice: 0x3f,
      type: 'InvitationSent',
    });
  });

  it.each([
    ['account-40-amal', 'InvitationSent'],
    ['account-3f-', 'InvitationSent'],
    ['accounts-3f-amal', 'InvitationSent'],
    ['account-3f-amal\u0000', 'InvitationSent'],
    ['account-3f-amal\n', 'InvitationSent'],
    [`account-3f-${'a'.repeat(65)}`, 'InvitationSent'],
    ['account-3f-amal', '$streamDeleted'],
  ])('returns undefined for an event in stream %j of type %s', (streamId, type) => {
    expect(rawEvent(streamId, type)).toBeUndefined();
  });
});
