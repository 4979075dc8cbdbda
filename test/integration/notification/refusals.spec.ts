import { describe, expect, it } from '@jest/globals';
import {
  suppressAddress,
  unsuppressAddress,
} from '../../../apps/notification/src/members/bounced-addresses.table.js';
import { MAX_CONSECUTIVE_REFUSALS } from '../../../apps/notification/src/sending/refusals.table.js';
import { accepted, profile, reminderDue, sent } from './messages.js';
import { readUntil, useNotificationHarness, type App } from './notification-harness.js';

const NO_MAILBOX = '550 5.1.1 User unknown';
const DAY = 86_400_000;

const harness = useNotificationHarness();

const start = () => harness.start({ timings: { pollMs: 20 } });
const countSuppressed = () => harness.count('true', 'bounced_addresses');
const countUnclear = () => harness.count('true', 'unclear_refusals');
const memberIds = (count: number, name = 'member') => Array.from({ length: count }, (_, n) => `${name}-${n}`);

/** Consumes the profiles of members, and an invitation from alice to each of them. */
async function invite(handler: App['handler'], ids: readonly string[]) {
  await handler.handle([profile('alice'), ...ids.map((id) => profile(id))]);
  await handler.handle(ids.map((id) => sent('alice', id, { message: `for ${id}` })));
}

/** Lets the server refuse the addresses of `gone-0`, `gone-1` and so on, and take e-mails to all others. */
function refuseGoneMembers() {
  harness.smtp.onRecipient = (address) => (address.startsWith('gone-') ? NO_MAILBOX : undefined);
}

describe('an address that a server refuses without saying whether the mailbox exists', () => {
  const refuseAgain = async (handler: App['handler'], failed: number) => {
    await handler.handle([reminderDue('alice', 'bob')]);
    await harness.untilCount(`state = 'failed' AND reason = 'REFUSED'`, failed);
  };
  const letDaysPass = async (days: number) => {
    await harness.pool.query(
      `UPDATE notification.unclear_refusals SET first_at = first_at - $1 * interval '1 day'`,
      [days],
    );
    await harness.pool.query(
      `UPDATE notification.deliveries SET settled_at = settled_at - $1 * interval '1 day' WHERE state = 'sent'`,
      [days],
    );
  };

  it('is suppressed when the server refuses it again two days later, and not before', async () => {
    const { handler } = start();
    harness.smtp.script.rcpt = '550 rejected';
    await invite(handler, ['bob']);
    await harness.untilCount(`reason = 'REFUSED'`, 1);
    await refuseAgain(handler, 2);
    await letDaysPass(1);
    await refuseAgain(handler, 3);
    expect(await countSuppressed()).toBe(0);
    await letDaysPass(1.1);
    await refuseAgain(handler, 4);
    expect(await countSuppressed()).toBe(1);
    await handler.handle([reminderDue('alice', 'bob')]);
    await harness.untilCount(`reason = 'ADDRESS_BOUNCED'`, 1);
  });

  it('is not suppressed where the server took an e-mail to it in between', async () => {
    const { handler } = start();
    harness.smtp.script.rcpt = '550 rejected';
    await invite(handler, ['bob']);
    await harness.untilCount(`reason = 'REFUSED'`, 1);
    await letDaysPass(3);
    harness.smtp.script.rcpt = '250 ok';
    await handler.handle([reminderDue('alice', 'bob')]);
    await harness.untilCount(`state = 'sent'`, 1);
    harness.smtp.script.rcpt = '550 rejected';
    await refuseAgain(handler, 2);
    expect(await countSuppressed()).toBe(0);
    await letDaysPass(3);
    await refuseAgain(handler, 3);
    expect(await countSuppressed()).toBe(1);
  });

  it.each(['550 relay not permitted', '550 SPF check failed', '550 5.7.1 blocked', '552 mailbox full'])(
    'is never suppressed where the reply is about something else: %s',
    async (reply) => {
      const { handler } = start();
      harness.smtp.script.rcpt = reply;
      await invite(handler, ['bob']);
      await harness.untilCount(`reason = 'REFUSED'`, 1);
      await letDaysPass(3);
      await refuseAgain(handler, 2);
      expect([await countSuppressed(), await countUnclear()]).toEqual([0, 0]);
    },
  );

  it('needs two refusals again after an operator has lifted its suppression', async () => {
    const { handler } = start();
    harness.smtp.script.rcpt = '550 rejected';
    await invite(handler, ['bob']);
    await harness.untilCount(`reason = 'REFUSED'`, 1);
    await letDaysPass(3);
    await unsuppressAddress(harness.pool, 'bob@example.com');
    await refuseAgain(handler, 2);
    expect(await countSuppressed()).toBe(0);
  });
});

describe('RefusalCircuitBreaker', () => {
  it.each([
    ['rcpt', NO_MAILBOX],
    ['rcpt', '550 no such user'],
    ['rcpt', '550 rejected'],
    ['rcpt', '550 relay not permitted'],
    ['data', '554 no'],
    ['end', '554 5.7.1 spam'],
  ] as const)(
    'suppresses no address while the server refuses all, and sends the e-mails once it takes them: %s with %s',
    async (step, reply) => {
      const many = 4 * MAX_CONSECUTIVE_REFUSALS;
      const { handler, registry } = start();
      harness.smtp.script[step] = reply;
      await invite(handler, memberIds(many));
      await harness.untilCount(`reason = 'CIRCUIT_OPEN'`, many);
      expect(await harness.deliveries()).toMatchObject(
        memberIds(many).map(() => ({ state: 'queued', reason: 'CIRCUIT_OPEN' })),
      );
      expect([await countSuppressed(), await countUnclear()]).toEqual([0, 0]);
      expect(await registry.metrics()).toMatch(/^notification_smtp_circuit_open 1$/m);
      const attempts = harness.smtp.commands.filter((command) => command === 'RCPT').length;
      expect(attempts).toBeLessThan(3 * many);

      harness.smtp.script[step] = { rcpt: '250 ok', data: '354 go ahead', end: '250 ok' }[step];
      harness.smtp.mails.length = 0;
      await harness.untilStates(...memberIds(many).map(() => 'sent'));
      expect([await countSuppressed(), await countUnclear()]).toEqual([0, 0]);
      // Each e-mail is sent once, with its content.
      expect(harness.smtp.mails).toHaveLength(many);
      for (const id of memberIds(many)) {
        const mail = harness.smtp.mails.find((one) => one.includes(`To: ${id}@example.com\r\n`));
        expect(mail).toContain(`for ${id}`);
      }
      await readUntil(
        () => registry.metrics(),
        (text) => /^notification_smtp_circuit_open 0$/m.test(text),
      );
    },
    120_000,
  );

  it('suppresses every refused address while the server takes e-mails to others', async () => {
    const { handler } = start();
    refuseGoneMembers();
    const gone = memberIds(3 * MAX_CONSECUTIVE_REFUSALS, 'gone');
    await invite(
      handler,
      gone.flatMap((id, n) => [id, `existing-${n}`]),
    );
    await harness.untilCount(`state = 'sent'`, gone.length);
    await harness.untilCount(`state = 'failed' AND reason = 'NO_MAILBOX'`, gone.length);
    expect(await countSuppressed()).toBe(gone.length);
  }, 120_000);

  it('does not delay e-mails to others behind many refused ones, and then suppresses the refused addresses', async () => {
    const { handler } = start();
    refuseGoneMembers();
    const gone = memberIds(3 * MAX_CONSECUTIVE_REFUSALS, 'gone');
    await invite(handler, gone);
    await harness.untilCount(`reason = 'CIRCUIT_OPEN'`, gone.length);
    await invite(handler, ['bob']);
    await harness.untilCount(`state = 'sent'`, 1);
    // The server has now accepted an e-mail to another address, so each refusal is about its address.
    for (let n = 0; (await countSuppressed()) < gone.length; n += 1) {
      if (n === 100) throw new Error(`only ${await countSuppressed()} are suppressed`);
      await invite(handler, [`existing-${n}`]);
      await harness.untilCount(`state = 'sent'`, n + 2);
    }
    await harness.untilCount(`state = 'failed' AND reason = 'NO_MAILBOX'`, gone.length);
    expect(await harness.count(`state = 'queued'`)).toBe(0);
  }, 120_000);

  it('suppresses the addresses at once where fewer than the limit are refused in a row', async () => {
    const { handler } = start();
    harness.smtp.script.rcpt = NO_MAILBOX;
    await invite(handler, memberIds(MAX_CONSECUTIVE_REFUSALS - 1));
    await harness.untilCount(`state = 'failed' AND reason = 'NO_MAILBOX'`, MAX_CONSECUTIVE_REFUSALS - 1);
    expect(await countSuppressed()).toBe(MAX_CONSECUTIVE_REFUSALS - 1);
  });

  it('counts an address once, however many e-mails to it are refused', async () => {
    const { handler } = start();
    harness.smtp.script.rcpt = '550 5.7.1 blocked';
    await handler.handle([profile('bob'), ...memberIds(20).map((id) => profile(id))]);
    await handler.handle(memberIds(20).map((id) => sent(id, 'bob')));
    await harness.untilCount(`state = 'failed'`, 20);
    expect(await countSuppressed()).toBe(0);
  });

  it('continues the count of an earlier process', async () => {
    harness.smtp.script.rcpt = NO_MAILBOX;
    const first = start();
    await invite(first.handler, memberIds(MAX_CONSECUTIVE_REFUSALS - 1));
    await harness.untilCount(`state = 'failed'`, MAX_CONSECUTIVE_REFUSALS - 1);
    await first.stop();
    const { handler } = start();
    await invite(handler, ['bob']);
    await harness.untilCount(`reason = 'CIRCUIT_OPEN'`, MAX_CONSECUTIVE_REFUSALS);
    expect(await countSuppressed()).toBe(0);
  });

  it('reverts suppressions of the streak with the e-mails that they stopped, and none by an operator', async () => {
    harness.smtp.script.rcpt = NO_MAILBOX;
    const { handler } = start();
    await invite(handler, ['bob', 'carol']);
    await harness.untilCount(`state = 'failed'`, 2);
    await handler.handle([accepted('bob', 'alice')]);
    await harness.untilCount(`state = 'suppressed' AND reason = 'ADDRESS_BOUNCED'`, 1);
    await suppressAddress(harness.pool, 'carol@example.com');
    await invite(handler, memberIds(MAX_CONSECUTIVE_REFUSALS - 2));
    await harness.untilCount(
      `reason = 'CIRCUIT_OPEN' OR reason = 'ADDRESS_BOUNCED'`,
      MAX_CONSECUTIVE_REFUSALS + 1,
    );
    await readUntil(countSuppressed, (found) => found === 1);
    harness.smtp.script.rcpt = '250 ok';
    await harness.untilCount(`state = 'sent'`, MAX_CONSECUTIVE_REFUSALS);
    await harness.untilCount(`state = 'suppressed' AND recipient_id = 'carol'`, 1);
    expect(harness.smtp.mails.filter((mail) => mail.includes('To: bob@example.com\r\n'))).toHaveLength(2);
  });

  it('lets e-mails wait until they are too old (D21)', async () => {
    harness.smtp.script.rcpt = NO_MAILBOX;
    const { handler } = start();
    const many = memberIds(2 * MAX_CONSECUTIVE_REFUSALS);
    await invite(handler, many);
    await harness.untilCount(`reason = 'CIRCUIT_OPEN'`, many.length);
    await harness.letTimePass(3 * DAY);
    await harness.untilCount(`state = 'suppressed' AND reason = 'STALE'`, many.length);
    expect(await countSuppressed()).toBe(0);
  });

  it.each([
    ['mail', '550 5.1.1 no such mailbox'],
    ['greeting', '554 no service for you'],
  ] as const)('counts no refusal that is not about a recipient: %s with %s', async (step, reply) => {
    harness.smtp.script[step] = reply;
    const { handler } = start();
    await invite(handler, memberIds(3));
    await harness.untilCount(`state = 'queued' AND reason = 'UNREACHABLE'`, 3);
    expect([await countSuppressed(), await harness.count('true', 'recent_refusals')]).toEqual([0, 0]);
    harness.smtp.reset();
    await harness.untilStates('sent', 'sent', 'sent');
  });
});
