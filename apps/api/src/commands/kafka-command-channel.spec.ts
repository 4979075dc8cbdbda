import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Outgoing } from '#libs/kafka';
import { commandOf } from './command-of.js';
import { KafkaCommandChannel } from './kafka-command-channel.js';
import { PendingOutcomes } from './pending-outcomes.js';

const COMMAND_ID = '00000000-0000-4000-8000-000000000001';
const INVITATION = 'ann.00000000-0000-4000-8000-000000000002';
const accept = commandOf('invitations.accept.v1', COMMAND_ID, {
  invitationId: INVITATION,
  actorId: 'bob',
  via: 'site',
});
const accepted = { commandId: COMMAND_ID, outcome: 'accepted' } as const;
const replyTo = 'invitations.outcomes.api-1';

let pending: PendingOutcomes;
let sent: Outgoing[];
let confirmation: PromiseWithResolvers<void>;
let channel: KafkaCommandChannel;

beforeEach(() => {
  jest.useFakeTimers();
  pending = new PendingOutcomes();
  sent = [];
  confirmation = Promise.withResolvers();
  const producer = {
    send: (messages: readonly Outgoing[]) => {
      sent.push(...messages);
      return confirmation.promise;
    },
  };
  channel = new KafkaCommandChannel(producer, pending, { replyTo, timeoutMs: 5_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a command over Kafka', () => {
  it("goes to the commands' topic as a CloudEvent, keyed by the inviter, with the topic for its outcome", async () => {
    const asked = channel.ask(accept);
    pending.settle(accepted);
    await asked;
    expect(sent).toEqual([
      {
        topic: 'invitations.commands',
        key: 'ann',
        value: JSON.stringify({ invitationId: INVITATION, actorId: 'bob', via: 'site' }),
        headers: {
          ce_specversion: '1.0',
          ce_id: COMMAND_ID,
          ce_type: 'invitations.accept.v1',
          ce_source: '/invitations/api',
          ce_time: expect.stringMatching(/^\d{4}-.*Z$/),
          'content-type': 'application/json',
          'reply-to': replyTo,
        },
        // Where traces are kept, one begins here.
        trace: {
          attributes: {
            'invitations.command_id': COMMAND_ID,
            'invitations.correlation_id': INVITATION,
          },
        },
      },
    ]);
  });

  it('has the outcome that comes, before or after the broker confirms', async () => {
    const early = channel.ask(accept);
    pending.settle(accepted);
    expect(await early).toEqual(accepted);
    confirmation.resolve();
    const late = channel.ask(accept);
    await jest.advanceTimersByTimeAsync(4_999);
    pending.settle(accepted);
    expect(await late).toEqual(accepted);
  });

  it('has one outcome for all who ask', async () => {
    const asked = [channel.ask(accept), channel.ask(accept), channel.ask(accept)];
    confirmation.resolve();
    await jest.advanceTimersByTimeAsync(100);
    expect(pending.size).toBe(1);
    pending.settle(accepted);
    expect(await Promise.all(asked)).toEqual([accepted, accepted, accepted]);
    expect(pending.size).toBe(0);
  });

  it('is none while another actor waits on its id, whose outcome is not theirs to hear', async () => {
    const bobs = channel.ask(accept);
    const other = commandOf('invitations.accept.v1', COMMAND_ID, {
      invitationId: INVITATION,
      actorId: 'eve',
      via: 'site',
    });
    expect(await channel.ask(other)).toEqual({
      commandId: COMMAND_ID,
      outcome: 'refused',
      code: 'INVALID_COMMAND',
    });
    expect(sent).toHaveLength(1);
    pending.settle(accepted);
    expect(await bobs).toEqual(accepted);
  });

  it('has none when none comes in time, and a late one is dropped', async () => {
    const asked = channel.ask(accept);
    confirmation.resolve();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await asked).toBeUndefined();
    expect(pending.size).toBe(0);
    pending.settle(accepted);
  });

  it('is unavailable when the broker refuses it, or does not confirm it in time', async () => {
    const unconfirmed = channel.ask(accept);
    unconfirmed.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(5_000);
    await expect(unconfirmed).rejects.toMatchObject({ status: 503 });
    const refused = channel.ask(accept);
    confirmation.reject(new Error('no broker'));
    await expect(refused).rejects.toMatchObject({ status: 503 });
    expect(pending.size).toBe(0);
  });

  it('is turned away when too many wait', async () => {
    for (let n = 0; n < 10_000; n += 1) pending.wait(String(n), 'ann', 1_000);
    await expect(channel.ask(accept)).rejects.toMatchObject({ status: 503 });
    expect(sent).toEqual([]);
  });
});
