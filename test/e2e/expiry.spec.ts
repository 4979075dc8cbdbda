import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { Pool } from 'pg';
import { TOPICS } from '#libs/contracts';
import { closeEventStore, connectEventStore, streamOf } from '#libs/event-store';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

type Response = 'nothing' | 'ignore' | 'ignore and decline' | 'reply';

const RESPONSES: readonly Response[] = ['nothing', 'ignore', 'ignore and decline', 'reply'];
const OF_EACH = 3;

/** Declines do not restrict the inviter, so that the last invitations can be sent. */
const ENV = { RESTRICT_AFTER_DECLINES: '0', INVITATION_MAIL_INTERVAL: 'PT0S' };

/**
 * One a second, so that the kills are in between on any machine. A command whose effect is not seen at once is issued again, so that a
 * second effect of it would be seen.
 */
const EXPIRY_ENV = {
  ...ENV,
  INVITATION_EXPIRY: 'PT1S',
  EXPIRY_RATE: '1',
  REMINDER_POLL: 'PT0.05S',
  REMINDER_RETRY: 'PT0.1S',
};

/** Expiry in the running service (D22). */
describe('invitations that have been open for too long', () => {
  const dir = newFolder();
  const inviterId = `inviter-${randomUUID()}`;
  const invitations: { readonly id: string; readonly recipientId: string; readonly response: Response }[] =
    [];
  const published: { readonly topic: string; readonly message: Message }[] = [];
  let standalone: Standalone;
  let service: PublishingService;
  let database: Pool;
  let mailsBefore: readonly string[];
  let publishedBefore: number;
  let expiredAtLastKill: number;

  const member = (id: string) => MemberAtApi.of(standalone, id);

  async function connect(): Promise<void> {
    service = await new PublishingService(standalone.endpoints.kafka).start();
    database = new Pool({ connectionString: standalone.endpoints.postgres });
    await service.listen([TOPICS.sent, TOPICS.accepted, TOPICS.replied], (message, topic) => {
      if (message.key?.toString() === inviterId || String(message.value).includes(inviterId))
        published.push({ topic, message });
    });
  }

  async function disconnect(): Promise<void> {
    await service?.stop();
    await database?.end();
  }

  async function invite(recipientId: string): Promise<string> {
    const response = await (await member(inviterId)).request('POST', '/v1/invitations', { recipientId });
    expect(response.status).toBe(201);
    return ((await response.json()) as { invitationId: string }).invitationId;
  }

  async function respond(recipientId: string, id: string, response: Response): Promise<void> {
    if (response === 'nothing') return;
    const recipient = await member(recipientId);
    for (const action of response.split(' and ')) {
      const body = action === 'reply' ? { message: 'Who are you?' } : undefined;
      expect((await recipient.request('POST', `/v1/invitations/${id}/${action}`, body)).status).toBe(200);
    }
  }

  /** Returns the invitations of the inviter's events of a type, from the log. */
  async function invitationsOf(type: string): Promise<string[]> {
    const client = connectEventStore(standalone.endpoints.eventStore);
    try {
      const ids: string[] = [];
      for await (const { event } of client.readStream(streamOf(inviterId))) {
        if (event?.type === type) ids.push((event.data as { invitationId: string }).invitationId);
      }
      return ids;
    } finally {
      await closeEventStore(client);
    }
  }

  const untilExpired = (count: number) =>
    until(
      async () => (await invitationsOf('InvitationExpired')).length >= count,
      120_000,
      `${count} expiries`,
    );

  /** The e-mails to all of them, as recipient and subject. */
  async function mailsOfAll(): Promise<string[]> {
    const mails: string[] = [];
    for (const id of [inviterId, ...invitations.map(({ recipientId }) => recipientId)]) {
      mails.push(...(await (await member(id)).mails()).map(({ subject }) => `${id}: ${subject}`));
    }
    return mails.toSorted();
  }

  beforeAll(async () => {
    standalone = await startStandalone(dir, ENV);
    await connect();
    await service.members(inviterId, 'last');
    await service.untilKnown('last');
    for (const response of RESPONSES) {
      for (let n = 0; n < OF_EACH; n += 1) {
        const recipientId = `recipient-${randomUUID()}`;
        await service.members(recipientId);
        await service.untilKnown(recipientId);
        const id = await invite(recipientId);
        invitations.push({ id, recipientId, response });
        await respond(recipientId, id, response);
      }
    }
    // One to each recipient, and one about each reply.
    const messages = invitations.length + OF_EACH;
    await until(
      async () => (await mailsOfAll()).length === messages,
      60_000,
      'the e-mails before the expiry',
    );
    await until(() => published.length === messages, 60_000, 'the messages before the expiry');
    mailsBefore = await mailsOfAll();
    await standalone.stop();
    await disconnect();

    published.length = 0;
    standalone = await startStandalone(dir, EXPIRY_ENV);
    await connect();
    await untilExpired(1);
    await standalone.killApp('projector');
    await untilExpired(3);
    await standalone.killApp('command');
    await untilExpired(5);
    await standalone.killApp('projector');
    expiredAtLastKill = (await invitationsOf('InvitationExpired')).length;
    await untilExpired(invitations.length);
    // Its command comes after all others of the account, and its message and e-mail after all of theirs.
    const last = await invite('last');
    publishedBefore = messages;
    await until(
      () => published.some(({ message }) => String(message.value).includes(last)),
      60_000,
      'the last message',
    );
    await until(
      async () =>
        (
          await database.query(
            `SELECT FROM notification.deliveries WHERE invitation_id = $1 AND state = 'sent'`,
            [last],
          )
        ).rowCount === 1,
      60_000,
      'the last e-mail',
    );
  }, 600_000);

  afterAll(async () => {
    await disconnect();
    await endStandalone(dir);
  });

  it('expire exactly once each, whatever their recipients did, although the projector and the command app are killed', async () => {
    const ids = new Set(invitations.map(({ id }) => id));
    const expired = (await invitationsOf('InvitationExpired')).filter((id) => ids.has(id));
    expect(expired.toSorted()).toEqual([...ids].toSorted());
    expect(expiredAtLastKill).toBeLessThan(ids.size);
  });

  it('are shown to the inviter as expired, alike whether they were untouched, ignored or declined (D1)', async () => {
    const inviter = await member(inviterId);
    const seen = async () =>
      new Map(
        (await inviter.list('sent')).map(({ invitationId, recipientId: _other, ...item }) => [
          invitationId,
          item,
        ]),
      );
    await until(
      async () => {
        const items = await seen();
        return invitations.every(({ id }) => items.get(id)?.['status'] === 'expired');
      },
      60_000,
      'the expired invitations in the list',
    );
    const items = await seen();
    const shapes = invitations
      .filter(({ response }) => response !== 'reply')
      .map(({ id, recipientId }) =>
        JSON.stringify(items.get(id))
          .replaceAll(recipientId, 'RECIPIENT')
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'),
      );
    expect(new Set(shapes).size).toBe(1);
  });

  it("leave the recipient's inbox and archive", async () => {
    for (const { id, recipientId } of invitations) {
      const recipient = await member(recipientId);
      for (const list of ['inbox', 'archive'] as const) {
        await recipient.untilListed(list, id, false);
        expect((await recipient.list(list)).map(({ invitationId }) => invitationId)).not.toContain(id);
      }
    }
  });

  it('cause no message on the public topics and no e-mail', async () => {
    const others = published.filter(({ message }) =>
      invitations.some(({ id }) => String(message.value).includes(id)),
    );
    expect(others).toHaveLength(publishedBefore);
    expect(await mailsOfAll()).toEqual(mailsBefore);
    const { rows } = await database.query<{ deliveries: number }>(
      'SELECT count(*)::int AS deliveries FROM notification.deliveries WHERE invitation_id = ANY($1)',
      [invitations.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ deliveries: invitations.length + OF_EACH }]);
  });

  it.each(RESPONSES)(
    'leave the two as they were, where the recipient did this: %s (R25, R34)',
    async (response) => {
      const { recipientId } = invitations.find((one) => one.response === response)!;
      // Unlike after a withdrawal, no address is needed; a decline bars the inviter as before.
      const { outcome, code } = await service.ask('send', { inviterId, recipientId });
      expect({ outcome, code }).toEqual(
        response === 'ignore and decline'
          ? { outcome: 'refused', code: 'RECIPIENT_UNAVAILABLE' }
          : { outcome: 'accepted', code: undefined },
      );
    },
  );
});
