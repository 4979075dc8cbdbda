import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { measureRequests, routeLabel } from './metrics.controller.js';

describe('routeLabel', () => {
  it.each([
    ['/v1/inbox', '/v1/inbox'],
    ['/l/:token', '/l/:token'],
    ['/v1/commands/:commandId', '/v1/commands/:commandId'],
    ['/members/:id', '/members/:id'],
    ['/invite/:id', '/invite/:id'],
    ['/v1/accounts/:id/restriction', '/v1/accounts/:id/:action'],
    [undefined, 'none'],
    ['*', 'none'],
  ])('of %s is %s', (template, label) => {
    expect(routeLabel(template)).toBe(label);
  });

  it('is the same for every action on an invitation, of every list (R20, R29, R30)', () => {
    const api = ['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw'].map(
      (it) => `/v1/invitations/:id/${it}`,
    );
    expect(new Set(api.map(routeLabel))).toEqual(new Set(['/v1/invitations/:id/:action']));
    const pages = ['/inbox/:id/accept', '/inbox/:id/ignore', '/archive/:id/decline', '/archive/:id/reply'];
    expect(new Set([...pages, '/sent/:id/withdraw', '/sent/:id/follow-up'].map(routeLabel))).toEqual(
      new Set(['/:list/:id/:action']),
    );
  });
});

describe('measureRequests', () => {
  it('labels a request with its route, and never with what its path contains', async () => {
    const metrics = new Registry();
    const server = fastify();
    measureRequests(server, metrics);
    server.get('/l/:token', () => 'page');
    await server.inject('/l/a-secret-token');
    await server.inject('/wp-login.php?user=amal');
    const text = await metrics.metrics();
    expect(text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/l/:token",status="200"} 1',
    );
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
    expect(text).not.toMatch(/secret|wp-login|amal/);
  });
});
