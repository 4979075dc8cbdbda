import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { profile } from '../../support/publisher.js';
import type { HostileStack } from './stack.js';

/** Longer than any poll. PostgreSQL's counters may lag, so there are several such spans. */
const QUIET_MS = 5_000;

/** Replies of mail servers, and old events. */
export function mailCases(stack: () => HostileStack): void {
  afterEach(() => {
    stack().deployed.smtp.script.rcpt = '250 ok';
  });

  it.each([
    '550 relay not permitted',
    '550 SPF check failed',
    '550 5.7.1 <bob@network.example>: blocked',
    '550-we do not\r\n550 like you (#5.7.1)',
    '550 5.7.1 user unknown to our policy server',
    '421 4.3.2 no such user can be looked up now',
  ])('suppresses no address because of a relay problem: %s', async (answer) => {
    const [inviter, other, recipient] = await stack().newMembers(3);
    stack().deployed.smtp.script.rcpt = answer;
    await stack().ask(stack().send(inviter!, recipient!));
    await stack().untilLedger([recipient!], (row) => row.reason !== null);
    stack().deployed.smtp.script.rcpt = '250 ok';
    await stack().ask(stack().send(other!, recipient!));
    const mailedTo = () =>
      stack().deployed.smtp.mails.some((mail) => mail.includes(`${recipient!}@network.example`));
    await stack().until(mailedTo, `a mail to ${recipient!}`);
  });

  it.each(['550 5.1.1 gone', '550 no such user here', '550 sorry, no mailbox here by that name (#5.1.1)'])(
    'suppresses an address that does not exist: %s',
    async (answer) => {
      const [inviter, other, recipient] = await stack().newMembers(3);
      stack().deployed.smtp.script.rcpt = answer;
      await stack().ask(stack().send(inviter!, recipient!));
      await stack().untilLedger([recipient!], ({ state }) => state === 'failed');
      stack().deployed.smtp.script.rcpt = '250 ok';
      await stack().ask(stack().send(other!, recipient!));
      await stack().untilLedger([recipient!], ({ state }) => state === 'failed' || state === 'suppressed');
    },
  );

  it('sends no e-mail about an event of last week', async () => {
    const [inviterId, recipientId] = await stack().newMembers(2);
    const weekAgo = new Date(Date.now() - 7 * 86_400_000);
    await stack().publish([sentNow(inviterId!, recipientId!, weekAgo)], TOPICS.sent);
    await stack().untilLedger(
      [recipientId!],
      ({ state, reason }) => state === 'suppressed' && reason === 'STALE',
    );
  });

  it('does no work for 2,000 e-mails that wait for unknown members until a profile arrives', async () => {
    const { pool } = stack().deployed;
    const [inviterId] = await stack().newMembers(1);
    const strangers = Array.from({ length: 2_000 }, () => `m-${randomUUID().slice(0, 13)}`);
    await stack().publish(
      strangers.map((recipientId) => sentNow(inviterId!, recipientId)),
      TOPICS.sent,
    );
    const waiting = async () =>
      Number(
        (
          await pool.query(
            'SELECT count(*) FROM notification.deliveries WHERE recipient_id = ANY($1) AND state = $2 AND reason = $3',
            [strangers, 'queued', 'MEMBER_UNKNOWN'],
          )
        ).rows[0].count,
      );
    await stack().until(async () => (await waiting()) === strangers.length, '2,000 mails that wait');
    const writes = async () => {
      const { rows } = await pool.query<{ writes: string }>(
        "SELECT n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_user_tables WHERE relid = 'notification.deliveries'::regclass",
      );
      return Number(rows[0]!.writes);
    };
    let last = -1;
    const isQuiet = async () => {
      const before = last;
      last = await writes();
      if (last === before) return true;
      await sleep(QUIET_MS);
      return false;
    };
    await stack().until(isQuiet, `no write for ${QUIET_MS} ms`);
    await stack().deployed.service.members(strangers[0]!);
    await stack().untilMailed([strangers[0]!]);
    expect(await waiting()).toBe(strangers.length - 1);
  });

  it('writes no header line beyond the limit, and no name that shows nothing', async () => {
    const [recipient] = await stack().newMembers(1);
    const names = ['\u2800\u3164', '\u200b\u200e', 'ن'.repeat(70), 'Ø'.repeat(70), '漢'.repeat(70)];
    const inviters = names.map(() => `m-${randomUUID().slice(0, 13)}`);
    await stack().publish(
      inviters.map((id, n) => ({ key: id, value: JSON.stringify({ ...profile(id), name: names[n] }) })),
      TOPICS.profiles,
    );
    await stack().untilKnown(inviters);
    await stack().ask(...inviters.map((id) => stack().send(id, recipient!)));
    const mails = () =>
      stack().deployed.smtp.mails.filter((mail) => mail.includes(`${recipient!}@network.example`));
    await stack().until(() => mails().length >= names.length, `an e-mail of each of ${names.length} members`);
    const headers = mails().flatMap((mail) => mail.split('\r\n\r\n')[0]!.split('\r\n'));
    expect(headers.filter((line) => line.includes('=?') && line.length > 76)).toEqual([]);
  });
}

/** Creates the public event of an invitation. */
function sentNow(inviterId: string, recipientId: string, when = new Date()): Message {
  const at = when.toISOString();
  const data = { invitationId: `${inviterId}.${randomUUID()}`, inviterId, recipientId, at };
  const attributes = { id: randomUUID(), type: 'invitations.sent.v1', source: '/invitations', time: at };
  return { key: recipientId, value: JSON.stringify(data), headers: cloudEventHeaders(attributes) };
}
