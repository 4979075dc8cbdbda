// Longer than 250 lines, because it covers every command of the contract with every response.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { claimCommands, storeOutcomes } from '#libs/command-outcomes';
import { commandDigest, REFUSAL_CODES } from '#libs/contracts';
import { createCommand } from '../../../apps/api/src/commands/command-request.js';
import { serviceUnavailable } from '../../../apps/api/src/http/problem.js';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';
import { giveOutcomes } from '../../support/outcomes.js';

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness();
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => api.channel.accept());

const INVITATION = `ann.${randomUUID()}`;

async function post(url: string, payload?: object, headers: Record<string, string> = {}, as = 'bob') {
  return api.inject({
    method: 'POST',
    url,
    headers: { ...(await api.as(as)), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

describe('POST /v1/invitations', () => {
  it('publishes a command for the authenticated member and returns 201 (D11)', async () => {
    const commandId = randomUUID();
    const body = { recipientId: 'cid', recipientEmail: 'cid@example.org', message: 'Hello\u0007' };
    const headers = { 'idempotency-key': commandId.toUpperCase() };
    const response = await post('/v1/invitations', body, headers);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({ invitationId: `bob.${commandId}`, commandId });
    expect(api.channel.published).toEqual([
      {
        type: 'invitations.send.v1',
        commandId,
        data: { inviterId: 'bob', recipientId: 'cid', recipientEmail: 'cid@example.org', message: 'Hello' },
      },
    ]);
  });

  it('creates a command id without an Idempotency-Key', async () => {
    const response = await post('/v1/invitations', { recipientId: 'cid' });
    const { commandId } = response.json<{ commandId: string }>();
    expect(commandId).toBe(api.channel.published[0]?.commandId);
  });

  it.each([
    ['an inviter in the body', { recipientId: 'cid', inviterId: 'ann' }],
    ['an unknown field', { recipientId: 'cid', via: 'email' }],
    ['no recipient', {}],
    ['a recipient that is no id', { recipientId: 'c.d' }],
    ['a recipient that is no text', { recipientId: ['cid'] }],
    ['a message that is too long (D9)', { recipientId: 'cid', message: 'x'.repeat(301) }],
    ['an address that is none', { recipientId: 'cid', recipientEmail: 'cid' }],
    ['a list', [{ recipientId: 'cid' }]],
  ])('refuses %s', async (_, body) => {
    const response = await post('/v1/invitations', body);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({ status: 400, code: 'INVALID_COMMAND' });
    expect(api.channel.published).toEqual([]);
  });

  it.each(['1', 'x'.repeat(36), `${randomUUID()}, ${randomUUID()}`, ` ${randomUUID()}\u00a0`, ''])(
    'refuses the Idempotency-Key %j',
    async (key) => {
      const response = await post('/v1/invitations', { recipientId: 'cid' }, { 'idempotency-key': key });
      expect([response.statusCode, response.json().code]).toEqual([400, 'INVALID_COMMAND']);
      expect(api.channel.published).toEqual([]);
    },
  );
});

describe('POST /v1/invitations/{id}/…', () => {
  const data = { invitationId: INVITATION, actorId: 'bob' };

  it.each([
    ['accept', undefined, { ...data, via: 'site' }],
    ['reply', { message: 'Who are you?' }, { ...data, message: 'Who are you?' }],
    ['ignore', {}, data],
    ['restore', undefined, data],
    ['decline', undefined, data],
    ['withdraw', undefined, data],
  ])('publishes %s', async (action, body, published) => {
    const commandId = randomUUID();
    const url = `/v1/invitations/${INVITATION}/${action}`;
    const response = await post(url, body, { 'idempotency-key': commandId });
    expect([response.statusCode, response.json()]).toEqual([200, { commandId }]);
    expect(api.channel.published).toEqual([{ type: `invitations.${action}.v1`, commandId, data: published }]);
  });

  it.each([
    ['accept', { via: 'email' }],
    ['accept', { actorId: 'ann' }],
    ['accept', [1]],
    ['ignore', { message: 'Hello' }],
    ['reply', undefined],
    ['reply', {}],
    ['reply', { message: '' }],
    ['reply', { message: 'Hello', actorId: 'ann' }],
    ['reply', { message: 'x'.repeat(2001) }],
  ])('refuses %s with %j', async (action, body) => {
    const response = await post(`/v1/invitations/${INVITATION}/${action}`, body);
    expect([response.statusCode, response.json().code]).toEqual([400, 'INVALID_COMMAND']);
    expect(api.channel.published).toEqual([]);
  });

  it('returns the same bytes for a malformed id and for an id of others (D4)', async () => {
    api.channel.refuse('NOT_FOUND');
    const foreign = await post(`/v1/invitations/${INVITATION}/accept`);
    const ids = [
      'x',
      'ann.1',
      `${INVITATION}0`,
      `..%2f${INVITATION}`,
      `ann%00.${randomUUID()}`,
      '%20',
      'a'.repeat(500),
    ];
    for (const id of ids) {
      const response = await post(`/v1/invitations/${id}/accept`);
      expect([id, response.statusCode, response.payload]).toEqual([id, 404, foreign.payload]);
      expect(Object.keys(response.headers)).toEqual(Object.keys(foreign.headers));
    }
    expect(api.channel.published).toHaveLength(1);
  });
});

describe('the response to a refusal', () => {
  const STATUS: Record<string, number> = {
    INVALID_COMMAND: 400,
    LIMIT_REACHED: 403,
    ACCOUNT_RESTRICTED: 403,
    NOT_YOURS: 403,
    NOT_FOUND: 404,
    ALREADY_CONNECTED: 409,
    NOT_OPEN: 409,
    ALREADY_ANSWERED: 409,
    NOT_IGNORED: 409,
    TOO_SOON: 409,
    EMAIL_REQUIRED: 422,
    RECIPIENT_UNAVAILABLE: 422,
  };

  it.each(REFUSAL_CODES)('is for %s a problem with the code and nothing else (R3, D1)', async (code) => {
    api.channel.refuse(code);
    // Not every command gets every refusal, so the check against the OpenAPI document is skipped.
    const response = await api.app.inject({
      method: 'POST',
      url: '/v1/invitations',
      headers: await api.as('bob'),
      payload: { recipientId: 'cid' },
    });
    expect(response.statusCode).toBe(STATUS[code]);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = response.json();
    expect(Object.keys(problem).toSorted()).toEqual(['code', 'status', 'title', 'type']);
    expect(problem).toMatchObject({ status: STATUS[code], code });
    expect(response.payload).not.toMatch(/cid|bob|\b3,?000\b/);
  });
});

describe('an outcome that does not arrive in time', () => {
  beforeEach(() => {
    api.channel.answer = async () => undefined;
  });

  it('is a 202 with its Location', async () => {
    const commandId = randomUUID();
    const headers = { 'idempotency-key': commandId };
    const response = await post('/v1/invitations', { recipientId: 'cid' }, headers);
    expect([response.statusCode, response.json()]).toEqual([202, { commandId }]);
    expect(response.headers.location).toBe(`/v1/commands/${commandId}`);
  });

  it('is returned if it was stored', async () => {
    const [accepted, refused] = [randomUUID(), randomUUID()];
    const outcomes = [
      { commandId: accepted, actorId: 'bob' },
      { commandId: refused, actorId: 'bob', refusal: 'NOT_OPEN' },
    ];
    await giveOutcomes(api.db, outcomes);
    const url = `/v1/invitations/${INVITATION}/accept`;
    const first = await post(url, undefined, { 'idempotency-key': accepted });
    expect([first.statusCode, first.json()]).toEqual([200, { commandId: accepted }]);
    const second = await post(url, undefined, { 'idempotency-key': refused });
    expect([second.statusCode, second.json().code]).toEqual([409, 'NOT_OPEN']);
    const somebodyElse = await post(url, undefined, { 'idempotency-key': accepted }, 'cid');
    expect([somebodyElse.statusCode, somebodyElse.json().code]).toEqual([400, 'INVALID_COMMAND']);
  });
});

describe('an Idempotency-Key that identifies another command (D10)', () => {
  const acceptOf = (inviter: string) => `/v1/invitations/${inviter}.${randomUUID()}/accept`;
  const DETAIL = 'Idempotency-Key was used before, for another command';

  async function claimed(key: string, outcome?: 'decided'): Promise<string> {
    const invitationId = `amal.${randomUUID()}`;
    const data = { invitationId, actorId: 'bob', via: 'site' };
    const digest = commandDigest(createCommand('invitations.accept.v1', key, data));
    const content = { commandId: key, accountId: 'amal', actorId: 'bob', digest };
    const holder = randomUUID();
    await claimCommands(api.db, [content], { holder, endedHolders: [], leaseMs: 60_000 });
    if (outcome === 'decided')
      await storeOutcomes(api.db, [{ commandId: key, actorId: 'bob' }], new Date().toISOString(), holder);
    return invitationId;
  }

  it.each(['accepted', undefined])(
    'is rejected with 400 whatever outcome arrives for the id: %s',
    async (heard) => {
      const key = randomUUID();
      await claimed(key, 'decided');
      if (heard === undefined) api.channel.answer = async () => undefined;
      else api.channel.accept();
      const response = await post(acceptOf('chiara'), undefined, { 'idempotency-key': key });
      expect([response.statusCode, response.json()]).toEqual([
        400,
        { type: 'about:blank', title: 'Bad Request', status: 400, code: 'INVALID_COMMAND', detail: DETAIL },
      ]);
    },
  );

  it('returns the first outcome for its own command, even when a refusal of another arrives', async () => {
    const key = randomUUID();
    const invitationId = await claimed(key, 'decided');
    api.channel.refuse('INVALID_COMMAND');
    const url = `/v1/invitations/${invitationId}/accept`;
    const response = await post(url, undefined, { 'idempotency-key': key });
    expect([response.statusCode, response.json()]).toEqual([200, { commandId: key }]);
  });

  it('returns 202 for its own command while that is being decided', async () => {
    const key = randomUUID();
    const invitationId = await claimed(key);
    api.channel.refuse('INVALID_COMMAND');
    const url = `/v1/invitations/${invitationId}/accept`;
    expect((await post(url, undefined, { 'idempotency-key': key })).statusCode).toBe(202);
  });
});

describe('an unreachable Kafka', () => {
  it('causes 503 with Retry-After', async () => {
    api.channel.answer = () => Promise.reject(serviceUnavailable(new Error('no broker')));
    const response = await post('/v1/invitations', { recipientId: 'cid' });
    expect([response.statusCode, response.json().code]).toEqual([503, 'UNAVAILABLE']);
    expect(response.headers['retry-after']).toMatch(/^\d+$/);
  });
});

describe('POST /v1/accounts/{id}/lift-restriction', () => {
  const lift = async (scope: string | undefined, id = 'ann', payload: object = { reason: 'A mistake' }) =>
    api.inject({
      method: 'POST',
      url: `/v1/accounts/${id}/lift-restriction`,
      headers: await api.as('olga', scope),
      payload,
    });

  it('admits operators only (D11)', async () => {
    for (const scope of [undefined, '', 'operators', 'xoperator member']) {
      const response = await lift(scope);
      expect([response.statusCode, response.json().code]).toEqual([403, 'FORBIDDEN']);
    }
    expect(api.channel.published).toEqual([]);
    expect((await lift('member operator')).statusCode).toBe(200);
    expect(api.channel.published).toMatchObject([
      {
        type: 'invitations.lift-restriction.v1',
        data: { accountId: 'ann', operatorId: 'olga', reason: 'A mistake' },
      },
    ]);
  });

  it('rejects a body without a reason or with an operator, and a malformed id', async () => {
    expect((await lift('operator', 'ann', {})).statusCode).toBe(400);
    expect((await lift('operator', 'ann', { reason: 'x', operatorId: 'bob' })).statusCode).toBe(400);
    expect((await lift('operator', 'a.b')).statusCode).toBe(404);
    expect(api.channel.published).toEqual([]);
  });
});

describe('GET /v1/commands/{commandId}', () => {
  it('returns the outcome to the actor, and 404 to everybody else (D4)', async () => {
    const [accepted, refused] = [randomUUID(), randomUUID()];
    const outcomes = [
      { commandId: accepted, actorId: 'bob' },
      { commandId: refused, actorId: 'bob', refusal: 'TOO_SOON' },
    ];
    await giveOutcomes(api.db, outcomes);
    const get = async (id: string, as: string) =>
      api.inject({ url: `/v1/commands/${id}`, headers: await api.as(as) });
    expect((await get(accepted.toUpperCase(), 'bob')).json()).toEqual({
      commandId: accepted,
      outcome: 'accepted',
    });
    expect((await get(refused, 'bob')).json()).toEqual({
      commandId: refused,
      outcome: 'refused',
      code: 'TOO_SOON',
    });
    const missing = await get(randomUUID(), 'ann');
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'NOT_FOUND']);
    for (const other of [await get(accepted, 'ann'), await get('x', 'ann'), await get('%00', 'ann')]) {
      expect([other.statusCode, other.payload]).toEqual([404, missing.payload]);
    }
  });
});
