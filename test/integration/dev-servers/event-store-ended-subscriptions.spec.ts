import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { END, EventStoreDBClient, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { startEventStore } from '../../../libs/dev-servers/src/start-servers.js';
import { newDataDir } from './event-store-fixtures.js';
import { serverMain } from './server-main.js';

const event = () => jsonEvent({ type: 'Tested', data: {} });

describe('startEventStore with endSubscriptionsEvery', () => {
  it('ends each live subscription as too slow after the configured number of events, and accepts a new one', async () => {
    const server = await startEventStore({ dataDir: await newDataDir(), endSubscriptionsEvery: 3 });
    const client = EventStoreDBClient.connectionString(server.addresses.url);
    try {
      await client.appendToStream('s', Array.from({ length: 10 }, event));
      let revision: bigint | undefined;
      for (let times = 0; times < 2; times++) {
        const seen: bigint[] = [];
        const subscription = client.subscribeToStream('s', { fromRevision: revision ?? END });
        subscription.on('data', ({ event: received }: ResolvedEvent) => seen.push(received!.revision));
        const ended = once(subscription, 'error') as Promise<[Error & { code: number }]>;
        await once(subscription, 'caughtUp');
        await client.appendToStream('s', [event(), event(), event()]);
        expect(await ended).toMatchObject([
          {
            code: 10,
            message: expect.stringContaining(
              'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
            ),
          },
        ]);
        const first = revision === undefined ? 10n : revision + 1n;
        expect(seen).toEqual([first, first + 1n, first + 2n]);
        revision = seen.at(-1)!;
      }
    } finally {
      await closeEventStore(client);
      await server.stop();
    }
  });

  it('rejects EVENTSTORE_END_SUBSCRIPTIONS_EVERY when it is not a number', async () => {
    const run = promisify(execFile)(
      process.execPath,
      [serverMain('eventstore'), JSON.stringify({ dataDir: await newDataDir() })],
      { env: { PATH: process.env['PATH'], EVENTSTORE_END_SUBSCRIPTIONS_EVERY: 'often' } },
    );
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'EVENTSTORE_END_SUBSCRIPTIONS_EVERY must be a positive number of events, not often',
      ),
    });
  });
});
