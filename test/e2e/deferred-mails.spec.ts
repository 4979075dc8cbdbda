import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import {
  endStandalone,
  newFolder,
  removeFolder,
  startStandalone,
  type Standalone,
} from '../support/standalone.js';
import { until } from '../support/until.js';

const INTERVAL_MS = 4_000;

/** Invitations that come shortly after each other, in the running service (D15). */
describe('the e-mail of a follow-up within INVITATION_MAIL_INTERVAL', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let service: PublishingService;
  let ledger: Pool;

  beforeAll(async () => {
    standalone = await startStandalone(dir, { INVITATION_MAIL_INTERVAL: `PT${INTERVAL_MS / 1000}S` });
    service = await new PublishingService(standalone.endpoints.kafka).start();
    ledger = new Pool({ connectionString: standalone.endpoints.postgres });
  });
  afterAll(async () => {
    await ledger?.end();
    await service?.stop();
    await endStandalone(dir);
    removeFolder(dir);
  });

  const invite = async (inviter: MemberAtApi, recipient: MemberAtApi): Promise<string> => {
    const response = await inviter.request('POST', '/v1/invitations', { recipientId: recipient.id });
    expect(response.status).toBe(201);
    return ((await response.json()) as { invitationId: string }).invitationId;
  };
  const act = async (member: MemberAtApi, invitationId: string, action: string) =>
    expect((await member.request('POST', `/v1/invitations/${invitationId}/${action}`)).status).toBe(200);
  const untilInLedger = (invitationId: string, state: string, reason: string) =>
    until(
      async () =>
        (
          await ledger.query(
            'SELECT FROM notification.deliveries WHERE invitation_id = $1 AND state = $2 AND reason = $3',
            [invitationId, state, reason],
          )
        ).rowCount === 1,
      60_000,
      `${invitationId}: ${state} ${reason}`,
    );

  /** Lets the recipient respond to the first invitation, follows up, and returns the e-mails as the recipient sees them. */
  async function followUp(recipientDoes: 'nothing' | 'ignore', meanwhile = async () => {}) {
    const [inviterId, recipientId] = [randomUUID(), randomUUID()];
    await service.members(inviterId, recipientId);
    await service.untilKnown(recipientId);
    const inviter = await MemberAtApi.of(standalone, inviterId);
    const recipient = await MemberAtApi.of(standalone, recipientId);
    const mails = async () =>
      (await recipient.mails()).filter(({ subject }) => subject.includes(inviterId)).toReversed();
    const first = await invite(inviter, recipient);
    await until(async () => (await mails()).length === 1, 60_000, 'the first e-mail');
    if (recipientDoes === 'ignore') await act(recipient, first, 'ignore');
    const second = await invite(inviter, recipient);
    await untilInLedger(second, 'queued', 'TOO_SOON');
    await meanwhile();
    await until(async () => (await mails()).length === 2, 60_000, 'the e-mail of the follow-up');
    const [one, other] = (await mails()).map(({ subject, text }) => ({
      subject: subject.replace(inviterId, 'INVITER'),
      text: text
        .replaceAll(inviterId, 'INVITER')
        .replaceAll(/\/l\/[^\s?]+/g, '/l/TOKEN')
        .replaceAll(/INVITER\.[-\w]+/g, 'INVITATION'),
    }));
    const isOnTime = async () => {
      const { rows } = await ledger.query<{ isOnTime: boolean | null }>(
        `SELECT second.settled_at >= first.settled_at + $3::float8 * interval '1 ms' AS "isOnTime"
         FROM notification.deliveries first, notification.deliveries second
         WHERE first.invitation_id = $1 AND second.invitation_id = $2`,
        [first, second, INTERVAL_MS],
      );
      return rows.map((row) => row.isOnTime);
    };
    // An e-mail arrives before the ledger says so.
    await until(async () => !(await isOnTime()).includes(null), 60_000, 'both e-mails in the ledger');
    expect(await isOnTime()).toEqual([true]);
    return { one, other };
  }

  it('is sent when the interval has passed, the same for an untouched and an ignored invitation (D1)', async () => {
    const [untouched, ignored] = await Promise.all([followUp('nothing'), followUp('ignore')]);
    expect(untouched.other).toEqual(untouched.one);
    expect(ignored).toEqual(untouched);
  });

  it('is sent once, although the notification app is killed meanwhile', async () => {
    const { one, other } = await followUp('nothing', () => standalone.killApp('notification'));
    expect(other).toEqual(one);
  });

  it('is not sent once the inviter has withdrawn the follow-up (R33)', async () => {
    const [inviterId, recipientId] = [randomUUID(), randomUUID()];
    await service.members(inviterId, recipientId);
    await service.untilKnown(recipientId);
    const inviter = await MemberAtApi.of(standalone, inviterId);
    const recipient = await MemberAtApi.of(standalone, recipientId);
    await invite(inviter, recipient);
    await until(
      async () => (await recipient.mails()).some(({ subject }) => subject.includes(inviterId)),
      60_000,
      'the first e-mail',
    );
    const second = await invite(inviter, recipient);
    await untilInLedger(second, 'queued', 'TOO_SOON');
    await act(inviter, second, 'withdraw');
    await untilInLedger(second, 'suppressed', 'NOT_OPEN');
    expect((await recipient.mails()).filter(({ subject }) => subject.includes(inviterId))).toHaveLength(1);
  });
});
