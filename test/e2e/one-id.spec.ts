import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';
import { until } from '../support/until.js';

describe('one id for several concurrent commands, in the running service (D10)', () => {
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

  async function newMembers(count: number): Promise<MemberAtApi[]> {
    const ids = Array.from({ length: count }, (_, n) => `m${n}-${randomUUID().slice(0, 8)}`);
    await service.members('probe', ...ids);
    await service.untilKnown(...ids);
    return Promise.all(ids.map((id) => MemberAtApi.of(standalone, id)));
  }

  const statusesOf = async (responses: readonly Response[]) =>
    Promise.all(
      responses.map(async (response) => {
        const { code } = (await response.json()) as { code?: string };
        return code === undefined ? response.status : `${response.status} ${code}`;
      }),
    );

  it('accepts one of several invitations over HTTP, and rejects the others with 400', async () => {
    const [recipient, stranger, ...inviters] = await newMembers(6);
    const invitations: string[] = [];
    for (const inviter of inviters) {
      const response = await inviter.request('POST', '/v1/invitations', { recipientId: recipient!.id });
      invitations.push(((await response.json()) as { invitationId: string }).invitationId);
    }
    for (const id of invitations) await recipient!.untilListed('inbox', id);
    const key = randomUUID();
    const accept = (id: string) =>
      recipient!.request('POST', `/v1/invitations/${id}/accept`, undefined, { 'idempotency-key': key });
    const statuses = await statusesOf(await Promise.all(invitations.map(accept)));
    expect(statuses.toSorted()).toEqual([200, ...Array<string>(3).fill('400 INVALID_COMMAND')]);
    // The accepted one is connected on both sides, and nobody else is.
    const winner = inviters[statuses.indexOf(200)]!;
    await recipient!.untilListed('inbox', invitations[statuses.indexOf(200)]!, false);
    const connectionsOf = async (member: MemberAtApi) => {
      const response = await member.request('GET', '/v1/connections');
      return ((await response.json()) as { items: { memberId: string }[] }).items;
    };
    for (const member of [recipient!, winner])
      await until(async () => (await connectionsOf(member)).length === 1, 30_000, 'the connection');
    for (const inviter of inviters)
      expect(await connectionsOf(inviter)).toHaveLength(inviter === winner ? 1 : 0);
    // Again, one after another: the same responses in any order.
    const again: Response[] = [];
    for (const id of invitations.toReversed()) again.push(await accept(id));
    expect(await statusesOf(again.toReversed())).toEqual(statuses);
    // Only the publisher receives the outcome.
    const outcome = await recipient!.request('GET', `/v1/commands/${key}`);
    expect([outcome.status, await outcome.json()]).toEqual([200, { commandId: key, outcome: 'accepted' }]);
    expect((await stranger!.request('GET', `/v1/commands/${key}`)).status).toBe(404);
  });

  it("sends one of three members' invitations over Kafka, with one e-mail", async () => {
    const [recipient, ...inviters] = await newMembers(4);
    // untilKnown has invited each of them.
    const before = (await recipient!.untilMails(1)).length;
    const id = randomUUID();
    const sends = inviters.map((inviter) => ({ inviterId: inviter.id, recipientId: recipient!.id }));
    await service.publish(
      'invitations.commands',
      sends.map((data) => service.command('send', data, id)),
    );
    const answers = () => service.answers.filter(({ key }) => key === id).map(({ value }) => value);
    await until(() => answers().length >= 3, 30_000, 'three answers');
    const accepted = answers().filter((value) => value.includes('"accepted"'));
    expect([answers().length, accepted.length]).toEqual([3, 1]);
    const firstMails = await recipient!.untilMails(before + 1);
    const winner = inviters.find((inviter) => firstMails.some(({ text }) => text.includes(inviter.id)))!;
    // A later invitation does not overtake an earlier one of its account, so every other e-mail would have arrived by
    // now. Another member than the winner sends it, because the winner's next invitation would be too soon to be
    // mailed.
    const last = inviters.find((inviter) => inviter !== winner)!;
    await service.ask('send', { inviterId: last.id, recipientId: recipient!.id });
    await recipient!.untilMails(before + 2);
    await recipient!.untilListed('inbox', `${winner.id}.${id}`);
    const inbox = await recipient!.list('inbox');
    expect(inbox.filter(({ invitationId }) => invitationId.endsWith(id))).toHaveLength(1);
    const mails = await recipient!.mails();
    const named = inviters.filter((inviter) => mails.some(({ text }) => text.includes(inviter.id)));
    expect(named.map((inviter) => inviter.id).toSorted()).toEqual([winner.id, last.id].toSorted());
  });
});
