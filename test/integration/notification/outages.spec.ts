import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { markSending } from '../../../apps/notification/src/outbox/delivery-state.table.js';
import { claimDueDeliveries } from '../../../apps/notification/src/outbox/outbox.table.js';
import { accepted, profile, sent } from './messages.js';
import { messageIdsOf, readUntil, useNotificationHarness } from './notification-harness.js';

const LIMITS = { invitationIntervalMs: 86_400_000, maxAgeMs: 3 * 86_400_000 };
const CLAIM_MS = 60_000;

/** Lets the worker poll for claims that have expired, and for attempts that are due. */
const POLLING = { timings: { pollMs: 20 } };

const harness = useNotificationHarness();

/** Consumes one invitation. */
async function enqueueOne() {
  await harness.create().handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
}

/** Claims a delivery as a process that dies right afterwards, and lets the claim expire. */
async function claimAndDie() {
  expect(await claimDueDeliveries(harness.pool, 1, CLAIM_MS)).toHaveLength(1);
  await harness.letTimePass(CLAIM_MS + 1_000);
}

/** Marks a delivery as sending as a process that dies right afterwards, and lets the claim expire. */
async function markAndDie() {
  const [claimed] = await claimDueDeliveries(harness.pool, 1, CLAIM_MS);
  expect(await markSending(harness.pool, [claimed!], CLAIM_MS, LIMITS)).toEqual(['marked']);
  await harness.letTimePass(CLAIM_MS + 1_000);
  return claimed!;
}

describe('OutboxWorker', () => {
  it('keeps consuming while the server is down, and sends everything once it is back', async () => {
    await harness.smtp.stop();
    const { handler } = harness.start(POLLING);
    await handler.handle([profile('alice'), profile('bob')]);
    await handler.handle([sent('alice', 'bob')]);
    await harness.untilReason('UNREACHABLE');
    await handler.handle([accepted('alice', 'bob')]);
    await harness.smtp.start();
    await harness.untilStates('sent', 'sent');
    expect(harness.smtp.mails).toHaveLength(2);
  });

  it('sends the e-mail of a process that died between claim and transfer', async () => {
    await enqueueOne();
    await claimAndDie();
    harness.start();
    await harness.untilStates('sent');
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('records the e-mail of a process that died during the transfer as unknown, and does not send it again', async () => {
    await enqueueOne();
    await markAndDie();
    const { handler } = harness.start();
    expect(await harness.untilStates('unknown')).toMatchObject([{ reason: 'CLAIM_RAN_OUT' }]);
    // Nor does it send a follow-up within the interval: the first e-mail may have arrived.
    await handler.handle([sent('alice', 'bob')]);
    await harness.untilCount(`state = 'queued' AND reason = 'TOO_SOON'`, 1);
    expect(harness.smtp.mails).toEqual([]);
  });

  it('sends such an e-mail again with UNCLEAR_DELIVERY=resend', async () => {
    await enqueueOne();
    const { invitationId } = await markAndDie();
    harness.start({ unclear: 'resend' });
    await harness.untilStates('sent');
    expect(messageIdsOf(harness.smtp.mails)).toEqual([`<${invitationId}.invitation@network.example>`]);
  });

  it('records an e-mail as unknown where the connection is lost after the data', async () => {
    harness.smtp.script.end = 'drop';
    harness.start(POLLING);
    await enqueueOne();
    expect(await harness.untilStates('unknown')).toMatchObject([{ reason: 'CONNECTION_LOST' }]);
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('sends such an e-mail again under the same Message-ID with UNCLEAR_DELIVERY=resend', async () => {
    harness.smtp.script.end = 'drop';
    harness.start({ ...POLLING, unclear: 'resend' });
    await enqueueOne();
    await readUntil(
      () => harness.smtp.mails.length,
      (count) => count >= 1,
    );
    harness.smtp.script.end = '250 ok';
    await harness.untilStates('sent');
    expect(harness.smtp.mails.length).toBeGreaterThan(1);
    expect(new Set(messageIdsOf(harness.smtp.mails)).size).toBe(1);
  });

  it('tries again where the connection is lost before the data', async () => {
    harness.smtp.script.data = 'drop';
    harness.start(POLLING);
    await enqueueOne();
    await harness.untilReason('UNREACHABLE');
    harness.smtp.script.data = '354 go ahead';
    await harness.untilStates('sent');
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('sends e-mails to others while the server leaves one recipient without a reply', async () => {
    let repliesToBob = 'drop';
    harness.smtp.onRecipient = (address) => (address.startsWith('bob') ? repliesToBob : undefined);
    const { handler } = harness.start(POLLING);
    await handler.handle([profile('alice'), profile('bob'), profile('carol')]);
    await handler.handle([sent('alice', 'bob')]);
    await harness.untilReason('UNREACHABLE');
    // Nothing else is due, so this e-mail tests the server, and hangs.
    repliesToBob = 'silence';
    const attempts = harness.smtp.commands.length;
    await readUntil(
      () => harness.smtp.commands.slice(attempts),
      (commands) => commands.includes('RCPT'),
    );
    await handler.handle([sent('alice', 'carol')]);
    await readUntil(
      () => harness.count(`state = 'sent'`),
      (count) => count === 1,
      // Less than the client waits for a reply.
      20_000,
    );
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('tries an e-mail again ever later where the connection fails with it, and not with others', async () => {
    harness.smtp.onRecipient = (address) => (address.startsWith('bob') ? 'silence' : undefined);
    const { handler } = harness.start({ timings: { pollMs: 20, unreachableMs: 60_000 } });
    await handler.handle([profile('alice'), profile('bob'), profile('carol')]);
    await handler.handle([sent('alice', 'bob')]);
    await readUntil(
      () => harness.smtp.commands,
      (commands) => commands.includes('RCPT'),
    );
    await handler.handle([sent('alice', 'carol')]);
    await harness.untilStates('queued', 'sent');
    harness.smtp.sendLine('421 4.3.2 closing');
    expect(await harness.untilReason('TRY_AGAIN_LATER')).toMatchObject([
      { state: 'queued' },
      { state: 'sent' },
    ]);
  });

  it('holds back e-mails to the domain of a recipient about whom the server did not reply', async () => {
    harness.smtp.onRecipient = (address) => (address.endsWith('@hung.example') ? 'silence' : undefined);
    const { handler } = harness.start({ timings: { pollMs: 20, unreachableMs: 60_000 } });
    const hung = (id: string) => profile(id, { email: `${id}@hung.example` });
    await handler.handle([profile('alice'), hung('bob'), hung('carol'), profile('dave')]);
    await handler.handle([sent('alice', 'bob')]);
    await readUntil(
      () => harness.smtp.commands,
      (commands) => commands.includes('RCPT'),
    );
    await handler.handle([sent('alice', 'dave')]);
    await harness.untilStates('queued', 'sent');
    // The client would wait for longer.
    await sleep(6_000);
    harness.smtp.sendLine('421 4.3.2 closing');
    await harness.untilReason('TRY_AGAIN_LATER');
    const attempts = harness.smtp.commands.filter((command) => command === 'RCPT').length;
    await handler.handle([sent('alice', 'carol')]);
    await readUntil(
      () => harness.count(`reason = 'TRY_AGAIN_LATER'`),
      (count) => count === 2,
    );
    expect(harness.smtp.commands.filter((command) => command === 'RCPT')).toHaveLength(attempts);
  });

  it('renews the claim of a slow transfer', async () => {
    harness.smtp.script.end = 'silence';
    const dueAt = async () =>
      (await harness.pool.query<{ at: string }>('SELECT max(due_at) AS at FROM notification.deliveries'))
        .rows[0]!.at;
    harness.start({ timings: { pollMs: 20, claimMs: 2_000 } });
    await enqueueOne();
    await harness.untilStates('sending');
    const first = await dueAt();
    await readUntil(dueAt, (at) => at > first);
    harness.smtp.sendLine('250 ok');
    await harness.untilStates('sent');
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('waits at its stop for the transfer in progress', async () => {
    harness.smtp.script.end = 'silence';
    const { worker } = harness.start();
    await enqueueOne();
    worker.notify();
    await readUntil(
      () => harness.smtp.mails.length,
      (count) => count === 1,
    );
    const stopped = worker.stop();
    harness.smtp.sendLine('250 ok');
    await stopped;
    expect(await harness.deliveries()).toMatchObject([{ state: 'sent' }]);
  });

  it('releases at its stop what waits for a connection: another process may claim it at once', async () => {
    const replies: (() => void)[] = [];
    harness.smtp.onMail = (_, reply) => replies.push(reply);
    const { handler, worker } = harness.start({ connections: 1 });
    await handler.handle([profile('alice'), profile('bob'), profile('carol')]);
    await handler.handle([sent('alice', 'bob'), sent('alice', 'carol')]);
    await readUntil(
      () => replies.length,
      (count) => count === 1,
    );
    const stopped = worker.stop();
    replies.shift()!();
    await stopped;
    expect((await harness.deliveries()).map(({ state, reason }) => [state, reason]).toSorted()).toEqual([
      ['queued', 'GIVEN_BACK'],
      ['sent', null],
    ]);
    expect(await claimDueDeliveries(harness.pool, 1, CLAIM_MS)).toHaveLength(1);
  });
});

describe('MailDelivery', () => {
  it('does not send a delivery whose claim another process holds by now', async () => {
    await enqueueOne();
    const [slow] = await claimDueDeliveries(harness.pool, 1, 0);
    const [fast] = await claimDueDeliveries(harness.pool, 1, CLAIM_MS);
    expect(fast).toMatchObject({ eventId: slow!.eventId });
    const { mailDelivery } = harness.create();
    await mailDelivery.deliver(slow!);
    expect(harness.smtp.mails).toEqual([]);
    await mailDelivery.deliver(fast!);
    expect(harness.smtp.mails).toHaveLength(1);
    expect(await harness.deliveries()).toMatchObject([{ state: 'sent' }]);
  });

  it('reads a member again who had to wait for a connection', async () => {
    const replies: (() => void)[] = [];
    harness.smtp.onMail = (_, reply) => replies.push(reply);
    const { handler } = harness.start({ connections: 1, timings: { contextMaxAgeMs: 0 } });
    await handler.handle([profile('alice'), profile('bob'), profile('carol'), sent('alice', 'bob')]);
    // The e-mail to bob is being sent before the one to carol is queued: it takes the only connection.
    await readUntil(
      () => replies.length,
      (count) => count === 1,
    );
    await handler.handle([sent('alice', 'carol')]);
    await readUntil(
      () => harness.count('claim IS NOT NULL'),
      (count) => count === 2,
    );
    await handler.handle([profile('carol', { email: 'carol@elsewhere.example' })]);
    replies.shift()!();
    await readUntil(
      () => replies.length,
      (count) => count === 1,
    );
    replies.shift()!();
    await harness.untilStates('sent', 'sent');
    expect(harness.smtp.mails[1]).toMatch(/^To: carol@elsewhere\.example\r$/m);
  });
});
