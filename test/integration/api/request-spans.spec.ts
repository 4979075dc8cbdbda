import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, currentTraceparents } from '#libs/platform';
import { serviceUnavailable } from '../../../apps/api/src/http/problem.js';
import { recordSpans, spanIdOf } from '../../support/record-spans.js';
import { openApiHarness, START_MS, type ApiHarness } from './api-harness.js';

let api: ApiHarness;
let lines: Record<string, unknown>[] = [];
let recorded: ReturnType<typeof recordSpans>;

beforeAll(async () => {
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  api = await openApiHarness({}, undefined, { logger: createLogger('api', 'warn', { write }) });
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => {
  api.channel.accept();
  lines = [];
  recorded = recordSpans();
});
afterEach(() => recorded.stop());

const requests = () => recorded.spans().filter(({ attributes }) => 'http.request.method' in attributes);
const statements = () => recorded.spans().filter(({ attributes }) => 'db.system.name' in attributes);
const headers = async (more: Record<string, string> = {}) => ({ ...(await api.as('bob')), ...more });
const act = async (action: string) =>
  api.inject({
    method: 'POST',
    url: `/v1/invitations/ann.10000000-0000-4000-8000-000000000001/${action}`,
    headers: await headers(),
    ...(action === 'reply' ? { payload: { message: 'a text' } } : {}),
  });

describe('the span of a request', () => {
  it('has the template of the route, the method and the status, and its statements are below it', async () => {
    await api.inject({ url: '/v1/inbox?after=secret', headers: await headers() });
    const [request] = requests();
    expect(request).toMatchObject({
      name: 'GET /v1/inbox',
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/inbox',
        'http.response.status_code': expect.any(Number),
      },
      parentSpanId: undefined,
    });
    expect(Object.keys(request!.attributes)).toHaveLength(3);
    recorded.clear();
    await api.inject({ url: '/v1/inbox', headers: await headers() });
    expect(requests()).toMatchObject([{ attributes: { 'http.response.status_code': 200 } }]);
    expect(statements().length).toBeGreaterThan(0);
    const parent = spanIdOf(requests()[0]!.traceparent);
    expect(new Set(statements().map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([parent]));
  });

  it('is around the work of a request with a body', async () => {
    let seen: readonly string[] = [];
    api.channel.answer = async ({ commandId }) => {
      seen = currentTraceparents();
      return { commandId, outcome: 'accepted' };
    };
    await api.inject({
      method: 'POST',
      url: '/v1/invitations',
      headers: await headers(),
      payload: { recipientId: 'cid', message: 'a text' },
    });
    expect(requests()).toMatchObject([{ name: 'POST /v1/invitations', traceparent: seen[0] }]);
  });

  it('ignores the trace of a browser, and the response names none (D1)', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const response = await api.inject({ url: '/v1/inbox', headers: await headers({ traceparent }) });
    expect(requests()[0]!.traceparent).not.toContain('a'.repeat(32));
    expect(JSON.stringify([response.headers, response.body])).not.toContain(
      requests()[0]!.traceparent.slice(3, 35),
    );
  });

  it.each(['/healthz', '/readyz', '/metrics'])('is not started for %s', async (url) => {
    await api.inject({ url });
    expect(recorded.spans()).toEqual([]);
  });

  it.each([
    ['/l/a-secret-token', 'GET /l/:token'],
    ['/wp-login.php?user=amal', 'GET'],
  ])('has nothing of the path %s', async (url, name) => {
    await api.inject({ url });
    expect(requests()).toMatchObject([{ name }]);
    expect(JSON.stringify(recorded.spans())).not.toMatch(/secret|wp-login|amal/);
  });

  it('is the same for every action on an invitation, which has no spans of statements (D1, R20, R30, R33)', async () => {
    const shapes: string[] = [];
    for (const action of ['ignore', 'decline', 'withdraw', 'reply', 'accept']) {
      recorded.clear();
      const { statusCode } = await act(action);
      expect([action, statusCode]).toEqual([action, 200]);
      shapes.push(JSON.stringify(recorded.spans().map(({ name, attributes }) => [name, attributes])));
    }
    expect(new Set(shapes).size).toBe(1);
    expect(shapes[0]).toContain('POST /v1/invitations/:id/:action');
    expect(shapes[0]).not.toMatch(/postgresql|ignore|ann\./);
  });

  it('has failed for a status of 5xx, and its trace is in the log lines of the request', async () => {
    api.channel.answer = () => Promise.reject(serviceUnavailable(new Error('no broker')));
    await act('accept');
    const [request] = requests();
    expect(request).toMatchObject({ hasFailed: true, attributes: { 'error.type': '503' } });
    expect(lines).toMatchObject([{ level: 'warn', traceId: request!.traceparent.slice(3, 35) }]);
  });
});
