import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import {
  endStandalone,
  newFolder,
  runMain,
  startStandalone,
  type Standalone,
} from '../support/standalone.js';
import { until } from '../support/until.js';

/** The other commands of the contract over HTTP, and their effects. */
describe('answers to an invitation, in the running service', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let service: PublishingService;

  beforeAll(async () => {
    standalone = await startStandalone(dir, { RESTRICT_AFTER_DECLINES: '2' });
    service = await new PublishingService(standalone.endpoints.kafka).start();
  });

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
  });

  async function someMembers(count: number): Promise<MemberAtApi[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await service.members(...ids);
    await service.untilKnown(...ids);
    return Promise.all(ids.map((id) => MemberAtApi.of(standalone, id)));
  }

  async function invite(inviter: MemberAtApi, recipientId: string): Promise<string> {
    const response = await inviter.request('POST', '/v1/invitations', { recipientId });
    expect(response.status).toBe(201);
    return ((await response.json()) as { invitationId: string }).invitationId;
  }

  const act = async (member: MemberAtApi, invitationId: string, action: string, body?: object) => {
    const response = await member.request('POST', `/v1/invitations/${invitationId}/${action}`, body);
    const { code } = (await response.json()) as { code?: string };
    return code ?? response.status;
  };

  it('keep the invitation open after a reply, so that it can still be accepted (R15, R16, R17, R18)', async () => {
    const [inviter, recipient] = await someMembers(2);
    const invitationId = await invite(inviter!, recipient!.id);
    expect(await act(recipient!, invitationId, 'reply', { message: 'Who are you?' })).toBe(200);
    await until(
      async () =>
        (await inviter!.list('sent')).some(
          ({ status, reply }) => status === 'replied' && reply === 'Who are you?',
        ),
      30_000,
      'replied',
    );
    await recipient!.untilListed('inbox', invitationId);
    expect(await act(recipient!, invitationId, 'accept')).toBe(200);
    expect(await act(recipient!, invitationId, 'accept')).toBe('ALREADY_ANSWERED');
    expect(await act(inviter!, invitationId, 'withdraw')).toBe('ALREADY_ANSWERED');
  });

  it('let the inviter withdraw after a reply, whatever the recipient did in silence (R18, D3, D17)', async () => {
    const [inviter, recipient] = await someMembers(2);
    const invitationId = await invite(inviter!, recipient!.id);
    expect(await act(recipient!, invitationId, 'reply', { message: 'Who are you?' })).toBe(200);
    expect(await act(recipient!, invitationId, 'decline')).toBe('NOT_IGNORED');
    expect(await act(recipient!, invitationId, 'ignore')).toBe(200);
    await recipient!.untilListed('archive', invitationId);
    expect(await act(recipient!, invitationId, 'reply', { message: 'Once more' })).toBe('ALREADY_ANSWERED');
    expect(await act(inviter!, invitationId, 'withdraw')).toBe(200);
    await recipient!.untilListed('archive', invitationId, false);
    expect(await act(recipient!, invitationId, 'accept')).toBe('NOT_OPEN');
  });

  it('remove a withdrawn invitation from the inbox, and require the address for the next one (R31, R32, R34)', async () => {
    const [inviter, recipient] = await someMembers(2);
    const invitationId = await invite(inviter!, recipient!.id);
    await recipient!.untilListed('inbox', invitationId);
    expect(await act(recipient!, invitationId, 'withdraw')).toBe('NOT_YOURS');
    expect(await act(inviter!, invitationId, 'withdraw')).toBe(200);
    await recipient!.untilListed('inbox', invitationId, false);
    expect(await act(recipient!, invitationId, 'accept')).toBe('NOT_OPEN');
    const again = await inviter!.request('POST', '/v1/invitations', { recipientId: recipient!.id });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([422, 'EMAIL_REQUIRED']);
  });

  it('restrict an account after declines until an operator lifts the restriction (R23, R24, R25, R26, D7)', async () => {
    const [inviter, one, two, three] = await someMembers(4);
    for (const recipient of [one!, two!]) {
      const invitationId = await invite(inviter!, recipient.id);
      expect(await act(recipient, invitationId, 'decline')).toBe('NOT_IGNORED');
      expect(await act(recipient, invitationId, 'ignore')).toBe(200);
      await recipient.untilListed('archive', invitationId);
      expect(await act(recipient, invitationId, 'decline')).toBe(200);
      await recipient.untilListed('archive', invitationId, false);
    }
    const refused = await inviter!.request('POST', '/v1/invitations', { recipientId: three!.id });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      403,
      'ACCOUNT_RESTRICTED',
    ]);

    const restriction = `/v1/accounts/${inviter!.id}/restriction`;
    expect((await inviter!.request('GET', restriction)).status).toBe(403);
    const { output } = await runMain('apps/standalone/src/token.main.js', dir, ['olga', '--operator']);
    const operator = (method: string, path: string, body?: object) =>
      fetch(`${standalone.endpoints.api}${path}`, {
        method,
        headers: { authorization: `Bearer ${output.trim()}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const restricted = async () =>
      ((await (await operator('GET', restriction)).json()) as { restricted: boolean }).restricted;
    await until(restricted, 30_000, 'the restriction');
    const lift = `/v1/accounts/${inviter!.id}/lift-restriction`;
    expect((await operator('POST', lift, { reason: 'They have talked' })).status).toBe(200);
    await until(async () => !(await restricted()), 30_000, 'the lifting');
    await invite(inviter!, three!.id);
  });

  it('show the connection to both members, and remove the invitation in the other direction (D8)', async () => {
    const [one, two] = await someMembers(2);
    const there = await invite(one!, two!.id);
    const back = await invite(two!, one!.id);
    await one!.untilListed('inbox', back);
    expect(await act(two!, there, 'accept')).toBe(200);
    await one!.untilListed('inbox', back, false);
    await two!.untilListed('sent', back, false);
    const connections = async (member: MemberAtApi) =>
      (
        (await (await member.request('GET', '/v1/connections')).json()) as { items: { memberId: string }[] }
      ).items.map(({ memberId }) => memberId);
    await until(async () => (await connections(two!)).length === 1, 30_000, 'the other side');
    expect([await connections(one!), await connections(two!)]).toEqual([[two!.id], [one!.id]]);
    expect(await act(one!, back, 'accept')).toBe('NOT_OPEN');
    for (const [from, to] of [
      [one!, two!],
      [two!, one!],
    ] as const) {
      const again = await from.request('POST', '/v1/invitations', { recipientId: to.id });
      expect(((await again.json()) as { code: string }).code).toBe('ALREADY_CONNECTED');
    }
  });

  it('record the connection on the other side although the projector is killed in between (D8)', async () => {
    const [one, two] = await someMembers(2);
    const invitationId = await invite(one!, two!.id);
    await standalone.killApp('projector');
    expect(await act(two!, invitationId, 'accept')).toBe(200);
    await standalone.killApp('projector');
    await until(
      async () => {
        const answer = await two!.request('POST', '/v1/invitations', { recipientId: one!.id });
        return ((await answer.json()) as { code?: string }).code === 'ALREADY_CONNECTED';
      },
      30_000,
      'the connection in the account of who accepted',
    );
  });
});
