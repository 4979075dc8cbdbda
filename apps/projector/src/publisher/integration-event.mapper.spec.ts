import { describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import type { InvitationEvent } from '#libs/invitation';
import {
  accepted,
  connected,
  declined,
  id,
  ignored,
  INVITATION,
  lifted,
  minute,
  reminded,
  replied,
  restored,
  restricted,
  sent,
  withdrawn,
} from '../../../../test/support/story.js';
import { assertPublishable, toIntegrationEvent } from './integration-event.mapper.js';

const topics = new Topics();
const EVENT_ID = id(99);
const logged = (event: InvitationEvent) => ({ id: EVENT_ID, event, position: { commit: 1n, prepare: 1n } });

describe('toIntegrationEvent', () => {
  it.each<[InvitationEvent, string, string, object]>([
    [sent(1, { message: 'Hi' }), 'invitations.sent', 'bilal', { message: 'Hi' }],
    [sent(1, { supersedes: 'amal.before' }), 'invitations.sent', 'bilal', {}],
    [accepted(2, 'email'), 'invitations.accepted', 'amal', { via: 'email' }],
    [replied(2, 'Who?'), 'invitations.replied', 'amal', { message: 'Who?' }],
    [reminded(2, 1, minute(9)), 'invitations.reminder-due', 'bilal', { ordinal: 1, validUntil: minute(9) }],
  ])('maps %j to topic %s', (event, topic, key, rest) => {
    const message = toIntegrationEvent(logged(event), topics)!;
    expect(message).toMatchObject({ topic, key, headers: { ce_id: EVENT_ID, ce_type: `${topic}.v1` } });
    expect(JSON.parse(String(message.value))).toEqual({
      invitationId: INVITATION,
      inviterId: 'amal',
      recipientId: 'bilal',
      at: minute(event.type === 'InvitationSent' ? 1 : 2),
      ...rest,
    });
    expect(() => assertPublishable(message, topics)).not.toThrow();
  });

  it.each([ignored(2), restored(3), declined(3), withdrawn(4), restricted(5), lifted(6), connected(7)])(
    'maps %j to nothing (R20, R29, R30, R33)',
    (event) => {
      expect(toIntegrationEvent(logged(event), topics)).toBeUndefined();
    },
  );
});

describe('an installation with a prefix', () => {
  it('publishes on its own topics, with the types of the contract', () => {
    const staging = new Topics('staging.');
    const message = toIntegrationEvent(logged(sent(1)), staging)!;
    expect(message).toMatchObject({
      topic: 'staging.invitations.sent',
      headers: { ce_id: EVENT_ID, ce_type: 'invitations.sent.v1' },
    });
    expect(() => assertPublishable(message, staging)).not.toThrow();
    expect(() => assertPublishable(message, topics)).toThrow('refused to publish');
  });
});

describe('assertPublishable', () => {
  const headers = { ce_type: 'invitations.sent.v1' };

  it.each([
    ['a type that is not on the list', 'invitations.sent', { ce_type: 'invitations.ignored.v1' }],
    ['a topic that is not that of the type', 'invitations.accepted', headers],
    ['a topic that is not on the list', 'invitations.ignored', headers],
    ['the topic of another installation', 'staging.invitations.sent', headers],
    ['no type', 'invitations.sent', {}],
  ])('rejects %s', (_what, topic, given) => {
    expect(() => assertPublishable({ topic, key: 'bilal', value: '{}', headers: given }, topics)).toThrow(
      'refused to publish',
    );
  });
});
