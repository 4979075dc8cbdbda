import { expect, it } from '@jest/globals';
import { recordedEvent } from './recorded-event.js';

const recorded = (streamId: string, type = 'InvitationSent') =>
  recordedEvent({
    id: '00000000-0000-4000-8000-000000000001',
    type,
    streamId,
    revision: 0n,
    created: new Date(0),
    data: {},
    metadata: {},
    position: { commit: 1n, prepare: 1n },
  });

it('an event of an account names the account, and its slice', () => {
  expect(recorded('account-3f-amal-1')).toMatchObject({
    accountId: 'amal-1',
    slice: 0x3f,
    type: 'InvitationSent',
  });
});

it.each([
  ['account-40-amal', 'InvitationSent'],
  ['account-3f-', 'InvitationSent'],
  ['accounts-3f-amal', 'InvitationSent'],
  ['account-3f-amal', '$streamDeleted'],
])('is none: in %s a %s', (streamId, type) => {
  expect(recorded(streamId, type)).toBeUndefined();
});
