import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { quantile } from '../support/statistics.js';
import type { Load, LoadResult } from './load.js';

const { url, tokens, connections, seconds, sends } = JSON.parse(process.env['LOAD']!) as Load;

const times: number[] = [];
const statuses: Record<string, number> = {};
let next = sends?.first ?? 0;

/** Sends each request as another member, and each invitation to a recipient whom that member has not invited yet. */
function setupRequest(request: autocannon.Request): autocannon.Request {
  const n = next++;
  const headers = { ...request.headers, authorization: `Bearer ${tokens[n % tokens.length]}` };
  if (sends === undefined) return { ...request, headers };
  const recipientId = `recipient-${Math.floor(n / tokens.length) % sends.recipients}`;
  const key = { 'idempotency-key': randomUUID(), 'content-type': 'application/json' };
  const body = JSON.stringify({ recipientId, message: 'We met at the conference in May.' });
  return { ...request, headers: { ...headers, ...key }, body };
}

const ended = Promise.withResolvers<void>();
const since = performance.now();
const instance = autocannon(
  {
    url,
    connections,
    duration: seconds,
    requests: [
      sends === undefined
        ? { method: 'GET', path: '/v1/inbox', setupRequest }
        : { method: 'POST', path: '/v1/invitations', setupRequest },
    ],
  },
  () => ended.resolve(),
);
instance.on('response', (_client, status, _bytes, ms) => {
  times.push(ms);
  statuses[status] = (statuses[status] ?? 0) + 1;
});
await ended.promise;
const elapsed = (performance.now() - since) / 1_000;
const sorted = times.toSorted((a, b) => a - b);
const result: LoadResult = {
  answers: times.length,
  perSecond: times.length / elapsed,
  p50: quantile(sorted, 0.5),
  p99: quantile(sorted, 0.99),
  statuses,
};
process.send!(result);
process.once('SIGTERM', () => process.exit());
