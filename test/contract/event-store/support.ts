import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import {
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  type AllStreamSubscription,
  type AppendToStreamOptions,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { closeEventStore } from '#libs/event-store';
import { openTestEventStore } from '../../support/event-store.js';

/** Connects to the store under test around the tests of a file. */
export function connectAroundTests(): { readonly client: EventStoreDBClient; readonly url: string } {
  let store: Awaited<ReturnType<typeof openTestEventStore>>;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    store = await openTestEventStore();
    client = EventStoreDBClient.connectionString(store.url);
  }, 20_000);
  afterAll(async () => {
    if (client !== undefined) await closeEventStore(client);
    await store?.stop();
  }, 20_000);
  return {
    get client() {
      return client;
    },
    get url() {
      return store.url;
    },
  };
}

/** The store may have other users, so names must be unique. */
export function uniqueName(what: string): string {
  return `contract-${what}-${randomUUID()}`;
}

export function event(n = 0, type = 'Tested') {
  return jsonEvent({ type, data: { n } });
}

export function events(count: number, type = 'Tested') {
  return Array.from({ length: count }, (_, n) => event(n, type));
}

/** Creates a link to another event. */
export function binaryLink(revision: number, stream: string) {
  return binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${stream}`) });
}

/**
 * With credentials the client uses the Append call, and without them BatchAppend. In insecure mode, nobody checks them.
 */
export const appendPaths: { path: string; options: AppendToStreamOptions }[] = [
  { path: 'BatchAppend', options: {} },
  { path: 'Append', options: { credentials: { username: 'admin', password: 'changeit' } } },
];

export async function collect(read: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> {
  const found: ResolvedEvent[] = [];
  for await (const one of read) found.push(one);
  return found;
}

/** Returns the numbers that `event` has put into the data. */
export function numbersOf(found: readonly ResolvedEvent[]): number[] {
  return found.map((one) => (one.event!.data as { n: number }).n);
}

export function revisionsOf(found: readonly ResolvedEvent[]): bigint[] {
  return found.map((one) => one.event!.revision);
}

/** Returns the next `count` events of a subscription. */
export async function take(
  subscription: StreamSubscription | AllStreamSubscription,
  count: number,
): Promise<ResolvedEvent[]> {
  const taken: ResolvedEvent[] = [];
  for await (const one of subscription as AsyncIterable<ResolvedEvent>) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
