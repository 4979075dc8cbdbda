import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi, type Mail } from '../support/member.js';
import { profile, PublishingService } from '../support/publisher.js';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';
import { until } from '../support/until.js';

/** Two members over HTTP and by e-mail, with the running apps. */
describe('members, in the running service', () => {
  let standalone: SharedStandalone;
  let service: PublishingService;

  beforeAll(async () => {
    standalone = await sharedStandalone();
    service = await new PublishingService(standalone.endpoints.kafka).start();
  });

  afterAll(async () => {
    await service?.stop();
    await standalone?.stop();
  });

  /** Publishes two new members, and waits until the directory has them. */
  async function twoMembers(): Promise<[MemberAtApi, MemberAtApi]> {
    const ids = ['i', 'r'].map((prefix) => `${prefix}-${randomUUID().slice(0, 8)}`);
    await service.members('probe', ...ids);
    const [inviter, recipient] = await Promise.all(ids.map((id) => MemberAtApi.of(standalone, id)));
    await service.untilKnown(ids[1]!);
    await recipient!.untilMails(1);
    return [inviter!, recipient!];
  }

  async function invite(inviter: MemberAtApi, recipientId: string, message?: string): Promise<string> {
    const response = await inviter.request('POST', '/v1/invitations', { recipientId, message });
    expect(response.status).toBe(201);
    return ((await response.json()) as { invitationId: string }).invitationId;
  }

  /** Returns the purposes of the signed links in an e-mail, in their order. */
  const purposesIn = (part: string) =>
    [...part.matchAll(/\/l\/l1\.([\w-]+)/g)].map(
      ([, claims]) => (JSON.parse(Buffer.from(claims!, 'base64url').toString()) as { p: string }).p,
    );
  const linkIn = ({ text }: Mail) => /http:\S+\/l\/\S+/.exec(text)![0];

  it('connect: from the invitation through the link in its e-mail (R5, R7, R11, R12, R14)', async () => {
    const [inviter, recipient] = await twoMembers();
    const invitationId = await invite(inviter, recipient.id, 'Shall we connect?');
    await recipient.untilListed('inbox', invitationId);
    expect((await recipient.list('inbox'))[0]).toEqual({
      invitationId,
      inviter: {
        id: inviter.id,
        name: profile(inviter.id).name,
        headline: profile(inviter.id).headline,
        profileUrl: profile(inviter.id).profileUrl,
      },
      message: 'Shall we connect?',
      sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });

    const [mail] = await recipient.untilMails(2);
    const { api } = standalone.endpoints;
    for (const part of [mail!.text, mail!.html]) {
      expect(part).toContain(profile(inviter.id).profileUrl);
      expect(part).toContain(`${api}/inbox`);
      expect(purposesIn(part).slice(0, 2)).toEqual(['accept', 'preferences']);
      expect(part).not.toContain(profile(inviter.id).email);
    }

    // D12: a mail scanner that follows the link any number of times accepts nothing.
    const link = linkIn(mail!);
    for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(link, { method })).status).toBe(200);
    expect(await recipient.list('inbox')).not.toEqual([]);

    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    await recipient.untilListed('inbox', invitationId, false);
    await until(
      async () => (await inviter.list('sent')).some((item) => item.status === 'accepted'),
      30_000,
      'accepted in the sent list',
    );
    const [acceptance] = await inviter.untilMails(1);
    expect(acceptance!.text).toContain(profile(recipient.id).name);
    expect(acceptance!.text).toContain(profile(recipient.id).profileUrl);
    expect(acceptance!.text).toContain(profile(recipient.id).email);
    const again = await inviter.request('POST', '/v1/invitations', { recipientId: recipient.id });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([
      409,
      'ALREADY_CONNECTED',
    ]);
  });

  it('get the same response for the same Idempotency-Key, and send one invitation (D10)', async () => {
    const [inviter, recipient] = await twoMembers();
    const headers = { 'idempotency-key': randomUUID() };
    const ask = async () => {
      const response = await inviter.request(
        'POST',
        '/v1/invitations',
        { recipientId: recipient.id },
        headers,
      );
      return { status: response.status, body: await response.text() };
    };
    const first = await ask();
    expect(first.status).toBe(201);
    expect([await ask(), await ask()]).toEqual([first, first]);
    expect(
      await service.ask(
        'send',
        { inviterId: inviter.id, recipientId: recipient.id },
        headers['idempotency-key'],
      ),
    ).toEqual({ commandId: headers['idempotency-key'], outcome: 'accepted' });
    await inviter.untilListed('sent', `${inviter.id}.${headers['idempotency-key']}`);
    expect(await inviter.list('sent')).toHaveLength(1);
  });

  it('see the same of an untouched and of an ignored invitation (D1)', async () => {
    const [inviter, one] = await twoMembers();
    const [, two] = await twoMembers();
    const untouched = await invite(inviter, one.id);
    const ignored = await invite(inviter, two.id);
    await two.untilListed('inbox', ignored);
    expect((await two.request('POST', `/v1/invitations/${ignored}/ignore`)).status).toBe(200);
    await two.untilListed('archive', ignored);

    const seen = async (invitationId: string) => {
      const {
        recipient: _recipient,
        invitationId: _id,
        sentAt: _at,
        ...rest
      } = (await inviter.list('sent')).find((item) => item.invitationId === invitationId)!;
      return rest;
    };
    await inviter.untilListed('sent', ignored);
    expect(await seen(ignored)).toEqual(await seen(untouched));
    // A follow-up and a withdrawal get the same responses, field by field and header by header.
    const answers = async (recipientId: string) => {
      const shape = async (response: Response) => ({
        status: response.status,
        headers: Object.fromEntries(
          [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
        ),
        body: (await response.text()).replaceAll(/[0-9a-f-]{36}/g, 'id'),
      });
      const followUp = await inviter.request('POST', '/v1/invitations', { recipientId });
      const { invitationId } = (await followUp.clone().json()) as { invitationId: string };
      const withdrawal = await inviter.request('POST', `/v1/invitations/${invitationId}/withdraw`);
      return [await shape(followUp), await shape(withdrawal)];
    };
    expect(await answers(two.id)).toEqual(await answers(one.id));
    expect(await inviter.mails()).toEqual([]);
  });

  it('get no e-mails if they have turned them off, and still find the invitation in their inbox (R8)', async () => {
    const [inviter, recipient] = await twoMembers();
    const preferences = { all: true, invitations: false, reminders: true, acceptances: true, replies: true };
    expect((await recipient.request('PUT', '/v1/email-preferences', preferences)).status).toBe(200);
    expect(await (await recipient.request('GET', '/v1/email-preferences')).json()).toEqual(preferences);
    const invitationId = await invite(inviter, recipient.id);
    await recipient.untilListed('inbox', invitationId);
    // The later acceptance is mailed, so the e-mail of the invitation is not merely late.
    expect((await recipient.request('POST', `/v1/invitations/${invitationId}/accept`)).status).toBe(200);
    await inviter.untilMails(1);
    expect(await recipient.mails()).toHaveLength(1);
  });

  it('get the same response for ids of others as for missing ones', async () => {
    const [inviter, recipient] = await twoMembers();
    const stranger = await MemberAtApi.of(standalone, 'stranger');
    const invitationId = await invite(inviter, recipient.id);
    const body = async (id: string) => {
      const response = await stranger.request('POST', `/v1/invitations/${id}/accept`);
      return [response.status, await response.text()];
    };
    const missing = await body(`${inviter.id}.${randomUUID()}`);
    expect(missing[0]).toBe(404);
    expect(await body(invitationId)).toEqual(missing);
    const commandId = invitationId.split('.')[1]!;
    expect((await stranger.request('GET', `/v1/commands/${commandId}`)).status).toBe(404);
    expect((await inviter.request('GET', `/v1/commands/${commandId}`)).status).toBe(200);
  });
});
