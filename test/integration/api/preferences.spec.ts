import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';

const GIVEN = { all: true, invitations: false, reminders: true, acceptances: false, replies: true };
const URL = '/v1/email-preferences';

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness();
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => {
  api.notification.requests = [];
  api.notification.answer = { status: 200, body: JSON.stringify({ ...GIVEN, newerField: 1 }) };
});

const get = async () => api.inject({ url: URL, headers: await api.as('bob') });
const put = async (payload: object) =>
  api.inject({ method: 'PUT', url: URL, headers: await api.as('bob'), payload });

describe('e-mail preferences (R8, D13)', () => {
  it('are read from the notification app, for the authenticated member', async () => {
    const response = await get();
    expect([response.statusCode, response.json()]).toEqual([200, GIVEN]);
    expect(api.notification.requests).toEqual([
      { method: 'GET', url: '/internal/members/bob/email-preferences', body: '' },
    ]);
  });

  it(
    'are asked for with the first of the secrets, never with the member’s token',
    async () => {
      const secret = await openApiHarness({ INTERNAL_SECRETS: `${'n'.repeat(32)},${'o'.repeat(32)}` });
      try {
        secret.notification.answer = { status: 200, body: JSON.stringify(GIVEN) };
        const headers = await secret.as('bob');
        await secret.inject({ url: URL, headers });
        await secret.inject({ method: 'PUT', url: URL, headers, payload: GIVEN });
        expect(secret.notification.authorizations).toEqual([
          `Bearer ${'n'.repeat(32)}`,
          `Bearer ${'n'.repeat(32)}`,
        ]);
      } finally {
        await secret.stop();
      }
    },
    START_MS,
  );

  it('are written to the notification app, and PUT accepts what GET returns', async () => {
    api.notification.answer = { status: 204, body: '' };
    const response = await put(GIVEN);
    expect([response.statusCode, response.json()]).toEqual([200, GIVEN]);
    const [request] = api.notification.requests;
    expect([request?.method, JSON.parse(request?.body ?? '')]).toEqual(['PUT', GIVEN]);
  });

  it.each([
    ['a missing one', { all: true, invitations: true, reminders: true, acceptances: true }],
    ['one that is no boolean', { ...GIVEN, all: 'true' }],
    ['one that is null', { ...GIVEN, replies: null }],
    ['an unknown one', { ...GIVEN, memberId: 'ann' }],
    ['a list', [GIVEN]],
  ])('are rejected with %s', async (_, body) => {
    const response = await put(body);
    expect([response.statusCode, response.json().code]).toEqual([400, 'INVALID_COMMAND']);
    expect(api.notification.requests).toEqual([]);
  });

  it.each([
    ['an error', { status: 500, body: JSON.stringify(GIVEN) }],
    ['a redirect', { status: 302, body: '' }],
    ['no JSON', { status: 200, body: 'x' }],
    ['something else', { status: 200, body: '{"all":true}' }],
  ])('cause 503 when the notification app responds with %s', async (_, answer) => {
    api.notification.answer = answer;
    const response = await get();
    expect([response.statusCode, response.json().code]).toEqual([503, 'UNAVAILABLE']);
    expect(response.headers['retry-after']).toBe('5');
  });

  it(
    'cause 503 when the notification app is not there, or its address is not configured',
    async () => {
      for (const NOTIFICATION_URL of ['http://127.0.0.1:1', undefined]) {
        const alone = await openApiHarness({ NOTIFICATION_URL });
        try {
          const headers = await alone.as('bob');
          expect((await alone.inject({ url: URL, headers })).statusCode).toBe(503);
          expect((await alone.inject({ method: 'PUT', url: URL, headers, payload: GIVEN })).statusCode).toBe(
            503,
          );
        } finally {
          await alone.stop();
        }
      }
    },
    START_MS,
  );
});
