import { beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError, UnknownError, type EventStoreDBClient } from '@eventstore/db-client';
import { ReconnectingClient } from './reconnecting-client.js';

describe('ReconnectingClient', () => {
  let steps: string[];
  let disposing: PromiseWithResolvers<void>;
  let writing: ReconnectingClient;

  beforeEach(() => {
    steps = [];
    disposing = Promise.withResolvers();
    let count = 0;
    writing = new ReconnectingClient(() => {
      const name = `client ${(count += 1)}`;
      steps.push(`${name} begins`);
      const dispose = async () => {
        steps.push(`${name} is asked to end`);
        await disposing.promise;
        steps.push(`${name} ends`);
      };
      return { name, dispose } as unknown as EventStoreDBClient;
    });
  });

  const nameOf = async (client: EventStoreDBClient) => (client as unknown as { name: string }).name;
  const fail = (reason: Error) => expect(writing.use(() => Promise.reject(reason))).rejects.toBe(reason);
  const unknown = () => new UnknownError(undefined, 'Server Is Busy');

  it('keeps its client while calls succeed or fail with a known error', async () => {
    for (let n = 0; n < 5; n += 1) await fail(new UnavailableError());
    expect(await writing.use(nameOf)).toBe('client 1');
    expect(steps).toEqual(['client 1 begins']);
  });

  it('replaces its client after three unknown errors in a row', async () => {
    for (let n = 0; n < 3; n += 1) await fail(unknown());
    disposing.resolve();
    expect(await writing.use(nameOf)).toBe('client 2');
  });

  it('keeps its client when a call succeeds in between', async () => {
    for (const call of [0, 1]) {
      await fail(unknown());
      await fail(unknown());
      expect([call, await writing.use(nameOf)]).toEqual([call, 'client 1']);
    }
  });

  it('calls and connects nothing before the old client is closed', async () => {
    for (let n = 0; n < 3; n += 1) await fail(unknown());
    const next = writing.use(nameOf);
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toEqual(['client 1 begins', 'client 1 is asked to end']);
    disposing.resolve();
    expect(await next).toBe('client 2');
    expect(steps).toEqual([
      'client 1 begins',
      'client 1 is asked to end',
      'client 1 ends',
      'client 2 begins',
    ]);
  });

  it('replaces its client once for failures of concurrent calls', async () => {
    disposing.resolve();
    const error = unknown();
    const calls = Array.from({ length: 9 }, () => writing.use(() => Promise.reject(error)));
    await Promise.allSettled(calls);
    expect(await writing.use(nameOf)).toBe('client 2');
  });

  it('throws when the new client cannot connect, and tries again at the next call', async () => {
    let connects = 0;
    const fragile = new ReconnectingClient(() => {
      connects += 1;
      if (connects === 2) throw new Error('the CA file is gone');
      return { name: `client ${connects}`, dispose: async () => undefined } as unknown as EventStoreDBClient;
    });
    for (let n = 0; n < 3; n += 1) {
      await expect(fragile.use(() => Promise.reject(unknown()))).rejects.toThrow('Server Is Busy');
    }
    // Nothing asks for a while: a rejection that nobody handles would end the process.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(fragile.use(nameOf)).rejects.toThrow('the CA file is gone');
    expect(await fragile.use(nameOf)).toBe('client 3');
  });
});
