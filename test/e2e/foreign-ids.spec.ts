import { randomUUID } from 'node:crypto';
import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const PAIRS = 60;

/** The bodies of the routes with an id. */
const BODIES: Readonly<Record<string, object>> = {
  reply: { message: 'Who are you?' },
  'lift-restriction': { reason: 'A mistake' },
};

/** All headers except those that differ in every response. */
const headersOf = ({ headers }: Response): [string, string][] =>
  [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));

/** D4: neither the response nor its time may reveal to others that an invitation between two members exists. */
describe('an invitation between two other members', () => {
  let standalone: SharedStandalone;
  let stranger: MemberAtApi;
  let inviter: MemberAtApi;
  let recipient: MemberAtApi;
  let foreign: string;

  beforeAll(async () => {
    standalone = await sharedStandalone();
    const service = await new PublishingService(standalone.endpoints.kafka).start();
    await service.members('ines', 'rami', 'sami');
    const sendId = randomUUID();
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'ines', recipientId: 'rami' })).outcome === 'accepted',
      30_000,
      'the members directory',
    );
    const sent = await service.ask('send', { inviterId: 'ines', recipientId: 'sami' }, sendId);
    if (sent.outcome !== 'accepted')
      throw new Error(`the invitation between the two was refused: ${sent.code}`);
    foreign = `ines.${sendId}`;
    await service.stop();
    [stranger, inviter, recipient] = (await Promise.all(
      ['stranger', 'ines', 'sami'].map((id) => MemberAtApi.of(standalone, id)),
    )) as [MemberAtApi, MemberAtApi, MemberAtApi];
    await recipient.untilListed('inbox', foreign);
  }, 300_000);

  afterAll(() => standalone?.stop());

  it('gets the same responses as a missing one at every route', async () => {
    const response = await fetch(`${standalone.endpoints.api}/docs-json`);
    const { paths } = (await response.json()) as OpenAPIObject;
    const named = Object.entries(paths).filter(([path]) => /^\/v1\/.*\{/.test(path));
    expect(named.length).toBeGreaterThanOrEqual(8);
    for (const [path, operations] of named) {
      const [existing, missing] = path.startsWith('/v1/invitations/')
        ? [foreign, `ines.${randomUUID()}`]
        : path.startsWith('/v1/commands/')
          ? [foreign.split('.')[1]!, randomUUID()]
          : ['ines', 'nobody'];
      for (const method of ['get', 'post', 'put', 'delete', 'patch'] as const) {
        if (operations[method] === undefined) continue;
        const ask = async (id: string) => {
          const url = path.replace(/\{\w+\}/, id);
          const asked = await stranger.request(method.toUpperCase(), url, BODIES[path.split('/').at(-1)!]);
          return { status: asked.status, headers: headersOf(asked), body: await asked.text() };
        };
        const [ofForeign, ofMissing] = [await ask(existing), await ask(missing)];
        const status = path.startsWith('/v1/accounts/') ? 403 : 404;
        expect([method, path, ofForeign.status]).toEqual([method, path, status]);
        expect([method, path, ofForeign]).toEqual([method, path, ofMissing]);
      }
    }
    expect((await recipient.list('inbox')).map(({ invitationId }) => invitationId)).toContain(foreign);
    expect((await inviter.list('sent')).map(({ status }) => status)).toEqual(['pending', 'pending']);
  });

  it('tells its inviter nothing about its status, whatever they try (D11, D1)', async () => {
    const act = async (member: MemberAtApi, action: string) => {
      const url = `/v1/invitations/${foreign}/${action}`;
      const response = await member.request('POST', url, BODIES[action]);
      return { status: response.status, headers: headersOf(response), body: await response.text() };
    };
    const ofInviter = async () =>
      Promise.all(['accept', 'reply', 'ignore', 'decline'].map((action) => act(inviter, action)));
    expect(await act(recipient, 'withdraw')).toMatchObject({ status: 403 });
    const untouched = await ofInviter();
    for (const { status, body } of untouched)
      expect([status, JSON.parse(body)]).toMatchObject([403, { code: 'NOT_YOURS' }]);
    for (const action of ['ignore', 'decline']) {
      expect((await act(recipient, action)).status).toBe(200);
      expect([action, await ofInviter()]).toEqual([action, untouched]);
    }
  });

  it('gets a stranger the same response as a missing one, byte for byte and in the same time', async () => {
    const ask = async (invitationId: string) => {
      const since = performance.now();
      const response = await stranger.request('POST', `/v1/invitations/${invitationId}/accept`);
      const body = await response.text();
      const seen = { status: response.status, headers: headersOf(response), body };
      return { ms: performance.now() - since, seen };
    };
    const missing = () => `ines.${randomUUID()}`;
    for (let warmUp = 0; warmUp < 10; warmUp += 1) await ask(warmUp % 2 === 0 ? foreign : missing());
    let slower = 0;
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // They take turns in being first, so that neither always benefits from warm caches.
      const first = pair % 2 === 0 ? await ask(foreign) : await ask(missing());
      const second = pair % 2 === 0 ? await ask(missing()) : await ask(foreign);
      const [ofForeign, ofMissing] = pair % 2 === 0 ? [first, second] : [second, first];
      expect(ofForeign.seen.status).toBe(404);
      expect(ofForeign.seen).toEqual(ofMissing.seen);
      if (ofForeign.ms > ofMissing.ms) slower += 1;
    }
    // With equal times, the result is that of a fair coin. 60 tosses leave these bounds in less than one of 100,000
    // runs.
    expect(slower).toBeGreaterThan(PAIRS * 0.2);
    expect(slower).toBeLessThan(PAIRS * 0.8);
  }, 300_000);
});
