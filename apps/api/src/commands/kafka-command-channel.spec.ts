import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import type { ProducerMessage } from '#libs/kafka';
import { createCommand } from './command-request.js';
import { KafkaCommandChannel, PendingOutcomes } from './kafka-command-channel.js';

const COMMAND_ID = '00000000-0000-4000-8000-000000000001';
const INVITATION = 'ann.00000000-0000-4000-8000-000000000002';
const accept = createCommand('invitations.accept.v1', COMMAND_ID, {
  invitationId: INVITATION,
  actorId: 'bob',
  via: 'site',
});
const accepted = { commandId: COMMAND_ID, outcome: 'accepted' } as const;
const replyTo = 'invitations.outcomes.api-1';

let pending: PendingOutcomes;
let sent: ProducerMessage[];
let confirmation: PromiseWithResolvers<void>;
let channel: KafkaCommandChannel;

beforeEach(() => {
  jest.useFakeTimers();
  pending = new PendingOutcomes();
  sent = [];
  confirmation = Promise.withResolvers();
  const producer = {
    send: (messages: readonly ProducerMessage[]) => {
      sent.push(...messages);
      return confirmation.promise;
    },
  };
  channel = new KafkaCommandChannel(producer, pending, { topic: TOPICS.commands, replyTo, timeoutMs: 5_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('KafkaCommandChannel', () => {
  it('publishes a command as a CloudEvent, keyed by the inviter, with the reply topic', async () => {
    const asked = channel.send(accept);
    pending.resolve(accepted);
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

  it('returns the outcome that arrives before or after the broker confirms', async () => {
    const early = channel.send(accept);
    pending.resolve(accepted);
    expect(await early).toEqual(accepted);
    confirmation.resolve();
    const late = channel.send(accept);
    await jest.advanceTimersByTimeAsync(4_999);
    pending.resolve(accepted);
    expect(await late).toEqual(accepted);
  });

  it('returns one outcome to all requests for the same command', async () => {
    const asked = [channel.send(accept), channel.send(accept), channel.send(accept)];
    confirmation.resolve();
    await jest.advanceTimersByTimeAsync(100);
    expect(pending.size).toBe(1);
    pending.resolve(accepted);
    expect(await Promise.all(asked)).toEqual([accepted, accepted, accepted]);
    expect(pending.size).toBe(0);
  });

  it('refuses a command while another actor has one pending with the same id', async () => {
    const bobs = channel.send(accept);
    const other = createCommand('invitations.accept.v1', COMMAND_ID, {
      invitationId: INVITATION,
      actorId: 'eve',
      via: 'site',
    });
    expect(await channel.send(other)).toEqual({
      commandId: COMMAND_ID,
      outcome: 'refused',
      code: 'INVALID_COMMAND',
      reason: 'Idempotency-Key was used before, for another command',
    });
    expect(sent).toHaveLength(1);
    pending.resolve(accepted);
    expect(await bobs).toEqual(accepted);
  });

  it('refuses a command while another one of the same actor is pending with the same id', async () => {
    const first = channel.send(accept);
    const data = { invitationId: INVITATION.replace('ann', 'eve'), actorId: 'bob', via: 'site' };
    const other = createCommand('invitations.accept.v1', COMMAND_ID, data);
    expect(await channel.send(other)).toMatchObject({ code: 'INVALID_COMMAND' });
    expect(sent).toHaveLength(1);
    pending.resolve(accepted);
    expect(await first).toEqual(accepted);
  });

  it('returns undefined on a timeout and drops a late outcome', async () => {
    const asked = channel.send(accept);
    confirmation.resolve();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await asked).toBeUndefined();
    expect(pending.size).toBe(0);
    pending.resolve(accepted);
  });

  it('throws 503 when the broker refuses the command or does not confirm it in time', async () => {
    const unconfirmed = channel.send(accept);
    unconfirmed.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(5_000);
    await expect(unconfirmed).rejects.toMatchObject({ status: 503 });
    const refused = channel.send(accept);
    confirmation.reject(new Error('no broker'));
    await expect(refused).rejects.toMatchObject({ status: 503 });
    expect(pending.size).toBe(0);
  });

  it('throws 503 when too many commands are pending', async () => {
    for (let n = 0; n < 10_000; n += 1) pending.wait(String(n), 'ann', 1_000);
    await expect(channel.send(accept)).rejects.toMatchObject({ status: 503 });
    expect(sent).toEqual([]);
  });
});

describe('PendingOutcomes', () => {
  const accepted = { commandId: 'a', outcome: 'accepted' } as const;

  it('resolves the remaining requests after one was cancelled', async () => {
    const pending = new PendingOutcomes();
    const [one, other] = [pending.wait('a', 'amal', 60_000)!, pending.wait('a', 'amal', 60_000)!];
    one.cancel();
    pending.resolve({ commandId: 'b', outcome: 'accepted' });
    pending.resolve(accepted);
    expect(await one.outcome).toBeUndefined();
    expect(await other.outcome).toEqual(accepted);
    other.cancel();
    other.cancel();
    expect(pending.size).toBe(0);
  });

  it('resolves one command only while two have the same id', async () => {
    const pending = new PendingOutcomes();
    const amals = pending.wait('a', 'amal', 60_000)!;
    expect(pending.wait('a', 'bilal', 60_000)).toBeUndefined();
    pending.resolve(accepted);
    expect(await amals.outcome).toEqual(accepted);
    amals.cancel();
    const bilals = pending.wait('a', 'bilal', 60_000)!;
    pending.resolve(accepted);
    expect(await bilals.outcome).toEqual(accepted);
    bilals.cancel();
  });

  it('keeps a request that started after the last one was cancelled', async () => {
    const pending = new PendingOutcomes();
    const gone = pending.wait('a', 'amal', 60_000)!;
    gone.cancel();
    const come = pending.wait('a', 'amal', 60_000)!;
    gone.cancel();
    pending.resolve(accepted);
    expect(await come.outcome).toEqual(accepted);
    come.cancel();
  });
});
