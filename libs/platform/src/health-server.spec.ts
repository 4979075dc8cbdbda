import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { Health } from './health.js';
import { startHealthServer } from './health-server.js';

describe('health', () => {
  let health: Health;
  let metrics: Registry;
  let server: { port: number; close(): Promise<void> };

  beforeEach(async () => {
    health = new Health();
    metrics = new Registry();
    server = await startHealthServer({ host: '127.0.0.1', port: 0 }, health, metrics);
  });
  afterEach(() => server.close());

  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  it('reports that the process is alive whatever the state of its components', async () => {
    health.set('kafka', false, 'down');
    const response = await get('/healthz');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is ready when all components are, and otherwise says what they wait for', async () => {
    health.set('kafka', true);
    health.set('projection:inbox', false, 'not subscribed yet');
    const waiting = await get('/readyz');
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toEqual({
      ready: false,
      parts: {
        kafka: { ready: true },
        'projection:inbox': { ready: false, detail: 'not subscribed yet' },
      },
    });
    health.set('projection:inbox', true);
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ ready: true, parts: { 'projection:inbox': { ready: true } } });
  });

  it('stays ready with a degraded component, and says which and why', async () => {
    health.set('kafka', true);
    health.degrade('projection:inbox', 'accounts that wait for an operator: 2');
    const response = await get('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ready: true,
      parts: {
        kafka: { ready: true },
        'projection:inbox': {
          ready: true,
          degraded: true,
          detail: 'accounts that wait for an operator: 2',
        },
      },
    });
  });

  it('exposes the metrics of the app and of the process', async () => {
    new Counter({ name: 'decided_total', help: 'Commands decided', registers: [metrics] }).inc(3);
    const text = await (await get('/metrics')).text();
    expect(text).toContain('decided_total 3');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('responds with 404 to other paths', async () => {
    expect((await get('/')).status).toBe(404);
  });

  it('listens on the given address only', async () => {
    await expect(fetch(`http://127.0.0.2:${server.port}/healthz`)).rejects.toThrow('fetch failed');
    const everywhere = await startHealthServer({ host: '0.0.0.0', port: 0 }, health, new Registry());
    expect((await fetch(`http://127.0.0.2:${everywhere.port}/healthz`)).status).toBe(200);
    await everywhere.close();
  });

  it('fails to start on a busy port', async () => {
    await expect(
      startHealthServer({ host: '127.0.0.1', port: server.port }, health, new Registry()),
    ).rejects.toThrow('EADDRINUSE');
  });

  it('closes although a client keeps its connection open', async () => {
    await get('/healthz');
    const second = await startHealthServer({ host: '127.0.0.1', port: 0 }, health, new Registry());
    await fetch(`http://127.0.0.1:${second.port}/healthz`);
    await expect(second.close()).resolves.toBeUndefined();
  });
});
