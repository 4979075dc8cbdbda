import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { MemberAtApi } from '../support/member.js';
import { profile, PublishingService } from '../support/publisher.js';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';
import { until } from '../support/until.js';

type Step = 'send' | 'send with the address' | 'send with a wrong address' | 'withdraw' | 'list';

/** What a recipient does, in this order. */
type Answer = 'reply' | 'ignore' | 'restore' | 'decline';

/** The inviter's possible actions after an invitation, in sequences that cause every kind of response. */
const SEQUENCES: Step[][] = [
  ['list', 'send', 'list', 'withdraw', 'list'],
  ['withdraw', 'withdraw', 'list', 'send', 'send with a wrong address', 'send with the address', 'list'],
  ['send with a wrong address', 'send with the address', 'withdraw', 'send', 'list'],
];

/** Silence in the running service: everything that an inviter can see over HTTP, from Kafka and by e-mail (D1). */
describe('an inviter', () => {
  let standalone: SharedStandalone;
  let service: PublishingService;
  const published: { topic: string; message: Message }[] = [];

  beforeAll(async () => {
    // Follow-ups are mailed like any other invitation.
    standalone = await sharedStandalone();
    service = await new PublishingService(standalone.endpoints.kafka).start();
    await service.listen(
      ['invitations.sent', 'invitations.accepted', 'invitations.replied'],
      (message, topic) => published.push({ topic, message }),
    );
  });

  afterAll(async () => {
    await service?.stop();
    await standalone?.stop();
  });

  /** Lets a recipient act, then takes the inviter's steps. Returns everything that the inviter sees. */
  async function responsesSeenByInviter(recipientDoes: Answer[], steps: Step[]) {
    const [inviterId, recipientId] = [randomUUID(), randomUUID()] as [string, string];
    await service.members(inviterId, recipientId);
    const inviter = await MemberAtApi.of(standalone, inviterId);
    const recipient = await MemberAtApi.of(standalone, recipientId);
    await service.untilKnown(recipientId);
    let invitationId = '';
    let status = 'pending';
    const anonymous = (text: string) =>
      text
        .replaceAll(inviterId, 'INVITER')
        .replaceAll(recipientId, 'RECIPIENT')
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
    const seen = async (response: Response) => ({
      status: response.status,
      headers: Object.fromEntries(
        [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
      ),
      body: anonymous(await response.text()),
    });
    const send = async (recipientEmail?: string) => {
      const response = await inviter.request('POST', '/v1/invitations', { recipientId, recipientEmail });
      const body = (await response.clone().json()) as { invitationId?: string };
      if (body.invitationId !== undefined) [invitationId, status] = [body.invitationId, 'pending'];
      return seen(response);
    };
    const take: Record<Step, () => Promise<unknown>> = {
      send: () => send(),
      'send with the address': () => send(profile(recipientId).email),
      'send with a wrong address': () => send('somebody@else.example'),
      withdraw: async () => {
        const response = await inviter.request('POST', `/v1/invitations/${invitationId}/withdraw`);
        if (response.ok) status = 'withdrawn';
        return seen(response);
      },
      list: async () => {
        // The list lags behind the inviter's commands, so it is read once it shows the effect of the last one.
        await until(
          async () =>
            (await inviter.list('sent')).some(
              (item) => item.invitationId === invitationId && item.status === status,
            ),
          30_000,
          `${invitationId} as ${status}`,
        );
        const followUp = `/sent/${invitationId}/follow-up`;
        return [
          await seen(await inviter.request('GET', '/v1/sent')),
          await seen(await inviter.page('/sent')),
          await seen(await inviter.page(followUp)),
        ];
      },
    };

    const transcript: unknown[] = [await send()];
    for (const answer of recipientDoes) {
      const body = answer === 'reply' ? { message: 'Who are you?' } : undefined;
      const { status: code } = await recipient.request(
        'POST',
        `/v1/invitations/${invitationId}/${answer}`,
        body,
      );
      expect(code).toBe(200);
      if (answer === 'reply') status = 'replied';
    }
    for (const step of steps) transcript.push([step, await take[step]()]);
    // A message after all others arrives, so the missing ones were not published.
    const last = await service.ask('send', { inviterId, recipientId: 'probe' });
    await until(
      () => published.some(({ message }) => String(message.value).includes(last.commandId)),
      30_000,
      'it',
    );
    // The reply is the only e-mail that the inviter gets here.
    const mailsExpected = recipientDoes.includes('reply') ? 1 : 0;
    await until(
      async () => (await inviter.mails()).length >= mailsExpected,
      30_000,
      'the e-mail about the reply',
    );
    return {
      transcript,
      // There is an order within a topic, and none between two topics.
      kafka: published
        .toSorted((one, other) => one.topic.localeCompare(other.topic))
        .filter(
          ({ message }) =>
            String(message.value).includes(recipientId) && !String(message.value).includes('probe'),
        )
        .map(({ topic, message }) => [
          topic,
          anonymous(String(message.key)),
          anonymous(String(message.value)),
        ]),
      mails: (await inviter.mails()).map(({ subject }) => anonymous(subject)),
    };
  }

  beforeAll(async () => {
    await service.members('probe');
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'x', recipientId: 'probe' })).outcome === 'accepted',
      30_000,
      'the members directory',
    );
  });

  it.each(SEQUENCES.map((steps) => [steps]))(
    'sees the same of an untouched, an ignored and a restored invitation: %j (R20, D1, D20)',
    async (steps) => {
      const untouched = await responsesSeenByInviter([], steps);
      expect(await responsesSeenByInviter(['ignore'], steps)).toEqual(untouched);
      expect(await responsesSeenByInviter(['ignore', 'restore'], steps)).toEqual(untouched);
      expect(untouched.mails).toEqual([]);
    },
  );

  it.each(SEQUENCES.map((steps) => [steps]))(
    'sees the same of a replied invitation whether it is ignored before, after, moved back or not at all: %j (D17, D20)',
    async (steps) => {
      const replied = await responsesSeenByInviter(['reply'], steps);
      expect(await responsesSeenByInviter(['reply', 'ignore'], steps)).toEqual(replied);
      expect(await responsesSeenByInviter(['reply', 'ignore', 'restore'], steps)).toEqual(replied);
      expect(await responsesSeenByInviter(['ignore', 'reply'], steps)).toEqual(replied);
      expect(replied.mails).toHaveLength(1);
    },
  );

  it('sees a replied invitation that is ignored and declined like any other until a new one is refused (D17)', async () => {
    const steps: Step[] = ['list', 'withdraw', 'list', 'send'];
    expect(await responsesSeenByInviter(['reply', 'ignore', 'decline'], steps)).toEqual(
      await responsesSeenByInviter(['reply'], steps),
    );
  });

  it('sees a declined invitation differ in one refusal only, which has other causes too (R30, D1, D3)', async () => {
    const steps: Step[] = ['list', 'withdraw', 'list', 'send'];
    expect(await responsesSeenByInviter(['ignore', 'decline'], steps)).toEqual(
      await responsesSeenByInviter([], steps),
    );

    const declined = await responsesSeenByInviter(['ignore', 'decline'], ['send']);
    const [, [, refusal]] = declined.transcript as [unknown, [Step, { status: number; body: string }]];
    expect(refusal.status).toBe(422);
    const inviter = await MemberAtApi.of(standalone, 'another');
    const unknown = await inviter.request('POST', '/v1/invitations', { recipientId: 'nobody' });
    expect([unknown.status, await unknown.text()]).toEqual([refusal.status, refusal.body]);
  });
});
