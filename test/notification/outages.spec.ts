import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beginTransfers } from '../../apps/notification/src/deliveries/begin-transfer.js';
import { claimDue } from '../../apps/notification/src/deliveries/claim-due.js';
import { accepted, profile, sent } from './messages.js';
import {
  ledgerOf,
  ledgerUnderTest,
  notificationUnderTest,
  until,
  untilStates,
  type Overrides,
} from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

const DAY = 86_400_000;

/** Looks often enough to see that a claim has run out. */
const SOON = { times: { pollMs: 20 } };

describe('what goes wrong on the way', () => {
  let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
  const stub = new SmtpStub();
  const running: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    [ledger] = await Promise.all([ledgerUnderTest(), stub.start()]);
  });
  beforeEach(async () => {
    stub.reset();
    await ledger.clear();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.stop()));
  });
  afterAll(async () => {
    await Promise.all([ledger.stop(), stub.stop()]);
  });

  function make(overrides?: Overrides) {
    const app = notificationUnderTest(ledger.pool, stub.url, overrides);
    running.push(app);
    return app;
  }

  const messageIds = () => stub.mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)?.[1]);

  async function queueOne() {
    await make().intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
  }

  it('a server that is down costs no message and holds up none', async () => {
    await stub.stop();
    const { intake, sender } = make({ times: { pollMs: 20 } });
    sender.start();
    await intake.handle([profile('alice'), profile('bob')]);
    await intake.handle([sent('alice', 'bob')]);
    await until(
      () => ledgerOf(ledger.pool),
      ([row]) => row?.reason === 'UNREACHABLE',
    );
    await intake.handle([accepted('alice', 'bob')]);
    await stub.start();
    await untilStates(ledger.pool, 'sent', 'sent');
    expect(stub.mails).toHaveLength(2);
  });

  it('an instance that dies between claim and transfer leaves an e-mail that is sent later', async () => {
    await queueOne();
    expect(await claimDue(ledger.pool, 1, 200)).toHaveLength(1);
    make(SOON).sender.start();
    await untilStates(ledger.pool, 'sent');
    expect(stub.mails).toHaveLength(1);
  });

  it('an instance that dies in the transfer leaves an e-mail of unknown outcome, which is not sent again', async () => {
    await queueOne();
    const [claimed] = await claimDue(ledger.pool, 1, 200);
    expect(await beginTransfers(ledger.pool, [claimed!], 200, DAY)).toEqual(['begun']);
    const { sender, intake } = make(SOON);
    sender.start();
    expect(await untilStates(ledger.pool, 'unknown')).toMatchObject([{ reason: 'CLAIM_RAN_OUT' }]);
    // A follow-up within the interval is not sent either: the first may have arrived.
    await intake.handle([sent('alice', 'bob')]);
    await untilStates(ledger.pool, 'unknown', 'suppressed');
    expect(stub.mails).toEqual([]);
  });

  it('with UNCLEAR_DELIVERY=resend such an e-mail is sent again', async () => {
    await queueOne();
    const [claimed] = await claimDue(ledger.pool, 1, 200);
    await beginTransfers(ledger.pool, [claimed!], 200, DAY);
    make({ ...SOON, unclear: 'resend' }).sender.start();
    await untilStates(ledger.pool, 'sent');
    expect(messageIds()).toEqual([`<${claimed!.invitationId}.invitation@network.example>`]);
  });

  it('a connection lost after the data leaves an e-mail of unknown outcome', async () => {
    stub.script.end = 'drop';
    const { sender } = make(SOON);
    sender.start();
    await queueOne();
    expect(await untilStates(ledger.pool, 'unknown')).toMatchObject([{ reason: 'CONNECTION_LOST' }]);
    expect(stub.mails).toHaveLength(1);
  });

  it('with UNCLEAR_DELIVERY=resend it is sent again under the same Message-ID', async () => {
    stub.script.end = 'drop';
    const { sender } = make({ ...SOON, unclear: 'resend' });
    sender.start();
    await queueOne();
    await until(
      () => stub.mails.length,
      (count) => count >= 1,
    );
    stub.script.end = '250 ok';
    await untilStates(ledger.pool, 'sent');
    expect(stub.mails.length).toBeGreaterThan(1);
    expect(new Set(messageIds()).size).toBe(1);
  });

  it('a connection lost before the data is one more attempt', async () => {
    stub.script.data = 'drop';
    const { sender } = make(SOON);
    sender.start();
    await queueOne();
    await until(
      () => ledgerOf(ledger.pool),
      ([row]) => row?.reason === 'UNREACHABLE',
    );
    stub.script.data = '354 go ahead';
    await untilStates(ledger.pool, 'sent');
    expect(stub.mails).toHaveLength(1);
  });

  it('who wakes up after the claim was given to another does not send', async () => {
    await queueOne();
    const [slow] = await claimDue(ledger.pool, 1, 0);
    const [fast] = await claimDue(ledger.pool, 1, 60_000);
    expect(fast).toMatchObject({ eventId: slow!.eventId });
    const { deliverer } = make();
    await deliverer.deliver(slow!);
    expect(stub.mails).toEqual([]);
    await deliverer.deliver(fast!);
    expect(stub.mails).toHaveLength(1);
    expect(await ledgerOf(ledger.pool)).toMatchObject([{ state: 'sent' }]);
  });

  it('a slow transfer is not taken for abandoned: its claim is renewed', async () => {
    stub.script.end = 'silence';
    const dueAt = async () =>
      (await ledger.pool.query<{ at: string }>('SELECT max(due_at) AS at FROM notification.deliveries'))
        .rows[0]!.at;
    make({ times: { pollMs: 20, claimMs: 2_000 } }).sender.start();
    await queueOne();
    await untilStates(ledger.pool, 'sending');
    const first = await dueAt();
    await until(dueAt, (at) => at > first);
    stub.answer('250 ok');
    await untilStates(ledger.pool, 'sent');
    expect(stub.mails).toHaveLength(1);
  });

  it('stopping waits for what is under way', async () => {
    stub.script.end = 'silence';
    const { sender } = make();
    sender.start();
    await queueOne();
    sender.nudge();
    await until(
      () => stub.mails.length,
      (count) => count === 1,
    );
    const stopped = sender.stop();
    stub.answer('250 ok');
    await stopped;
    expect(await ledgerOf(ledger.pool)).toMatchObject([{ state: 'sent' }]);
  });
});
