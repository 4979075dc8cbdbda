import { describe, expect, it } from '@jest/globals';
import { collect, connectAroundTests, event, numbersOf, uniqueName } from './support.js';

const store = connectAroundTests();
const at = (path: string) => `${store.url.replace('esdb:', 'http:').split('?')[0]}${path}`;

describe('HTTP on the gRPC port of an event store', () => {
  it('responds to the liveness probe without a body', async () => {
    const response = await fetch(at('/health/live'));
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
  });

  it('returns the version', async () => {
    const response = await fetch(at('/info'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      dbVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      features: expect.any(Object),
    });
  });

  it('responds with 404 to other paths, and serves gRPC calls meanwhile', async () => {
    const stream = uniqueName('http');
    const asking = Promise.all(Array.from({ length: 20 }, () => fetch(at('/no-such-page'))));
    await store.client.appendToStream(stream, event(1));
    expect((await asking).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 404));
    expect(numbersOf(await collect(store.client.readStream(stream)))).toEqual([1]);
  });
});
