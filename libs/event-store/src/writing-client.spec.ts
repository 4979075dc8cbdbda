import { beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError, UnknownError, type EventStoreDBClient } from '@eventstore/db-client';
import { WritingClient } from './writing-client.js';

describe('the client that a process writes with', () => {
  let steps: string[];
  let disposing: PromiseWithResolvers<void>;
  let writing: WritingClient;

  beforeEach(() => {
    steps = [];
    disposing = Promise.withResolvers();
    let count = 0;
    writing = new WritingClient(() => {
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

  it('stays the same while it works, and while it fails with what it copes with', async () => {
    for (let n = 0; n < 5; n += 1) await fail(new UnavailableError());
    expect(await writing.use(nameOf)).toBe('client 1');
    expect(steps).toEqual(['client 1 begins']);
  });

  it('is replaced when it fails with what it does not know, again and again', async () => {
    for (let n = 0; n < 3; n += 1) await fail(unknown());
    disposing.resolve();
    expect(await writing.use(nameOf)).toBe('client 2');
  });

  it('is not replaced when some call succeeds in between', async () => {
    for (const call of [0, 1]) {
      await fail(unknown());
      await fail(unknown());
      expect([call, await writing.use(nameOf)]).toEqual([call, 'client 1']);
    }
  });

  it('is one at any time: nothing is called, and no other begins, before it has ended', async () => {
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

  it('is replaced once by failures of calls that ran side by side', async () => {
    disposing.resolve();
    const error = unknown();
    const calls = Array.from({ length: 9 }, () => writing.use(() => Promise.reject(error)));
    await Promise.allSettled(calls);
    expect(await writing.use(nameOf)).toBe('client 2');
  });
});
