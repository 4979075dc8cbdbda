import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  closeEventStore,
  connectEventStore,
  EventStoreConnector,
  ReconnectingClient,
  type EventStoreDBClient,
} from '#libs/event-store';
import { readStream } from '#libs/event-store/read-only';
import { openEventStore } from '../../libs/dev-servers/src/eventstore/open-event-store.js';
import { gossip, GossipService, shared } from '../../libs/dev-servers/src/eventstore/protocol/stubs.js';
import { findFreePort } from '../support/ports.js';
import { until } from '../support/until.js';

const WITHIN_MS = 30_000;
const STREAM = 'discovered';

const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;

interface Member {
  readonly port: number;
  readonly state: number;
  readonly isAlive: boolean;
}

/** What a node of a cluster says about its members. */
class GossipSeed {
  members: readonly Member[] = [];
  asked = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<GossipSeed> {
    const server = new Server();
    const read: handleUnaryCall<shared.Empty, gossip.ClusterInfo> = (_call, respond) => {
      seed.asked += 1;
      respond(null, new gossip.ClusterInfo().setMembersList(seed.members.map(toMemberInfo)));
    };
    server.addService(GossipService, { read });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const seed = new GossipSeed(server, port);
    return seed;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

const toMemberInfo = ({ port, state, isAlive }: Member): gossip.MemberInfo =>
  new gossip.MemberInfo()
    .setInstanceId(new shared.UUID().setString(randomUUID()))
    .setTimeStamp('0')
    .setState(state)
    .setIsAlive(isAlive)
    .setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(port));

/** A node that knows nothing of the others: an event is only where it was appended. */
async function startNode(folder: string) {
  const server = await openEventStore({ dataDir: mkdtempSync(join(folder, 'node-')) });
  const { url } = server.addresses;
  const client = connectEventStore(url);
  return {
    port: Number(/:(\d+)\?/.exec(url)![1]),
    hasEvents: () => hasEvents(client),
    async stop() {
      await closeEventStore(client);
      await server.stop();
    },
  };
}

async function hasEvents(client: EventStoreDBClient): Promise<boolean> {
  try {
    for await (const events of readStream(client, STREAM)) if (events.length > 0) return true;
  } catch (error) {
    if ((error as { type?: string }).type !== 'stream-not-found') throw error;
  }
  return false;
}

const append = (client: EventStoreDBClient) =>
  client.appendToStream(STREAM, jsonEvent({ type: 'Happened', data: {} }));

describe('a cluster of several nodes', () => {
  let folder: string;
  let seed: GossipSeed;
  let one: Awaited<ReturnType<typeof startNode>>;
  let other: typeof one;
  let deadPort: number;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'discovery-'));
    [seed, one, other, deadPort] = await Promise.all([
      GossipSeed.start(),
      startNode(folder),
      startNode(folder),
      findFreePort(),
    ]);
    seed.members = [
      { port: deadPort, state: LEADER, isAlive: false },
      { port: other.port, state: FOLLOWER, isAlive: true },
      { port: one.port, state: LEADER, isAlive: true },
    ];
  }, 60_000);
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    seed.stop();
    await Promise.all([one.stop(), other.stop()]);
    rmSync(folder, { recursive: true });
  }, 60_000);

  function connect(url: string): EventStoreDBClient {
    const client = connectEventStore(url);
    closing.push(() => closeEventStore(client));
    return client;
  }

  it.each<[string, () => string]>([
    ['one name', () => `esdb+discover://127.0.0.1:${seed.port}?tls=false`],
    ['addresses of which one is down', () => `esdb://127.0.0.1:${deadPort},127.0.0.1:${seed.port}?tls=false`],
  ])('is discovered by %s, and its living leader is used', async (_, url) => {
    await append(connect(url()));
    expect(seed.asked).toBeGreaterThan(0);
    expect([await one.hasEvents(), await other.hasEvents()]).toEqual([true, false]);
  });

  it('is used at a follower if that is preferred', async () => {
    await append(connect(`esdb+discover://127.0.0.1:${seed.port}?tls=false&nodePreference=follower`));
    expect([await one.hasEvents(), await other.hasEvents()]).toEqual([false, true]);
  });

  it('is used at its new leader after the former one is lost', async () => {
    const connector = new EventStoreConnector(`esdb+discover://127.0.0.1:${seed.port}?tls=false`);
    const client = new ReconnectingClient(() => connector.connect());
    closing.push(() => client.close());
    await client.use(append);
    seed.members = [
      { port: one.port, state: LEADER, isAlive: false },
      { port: other.port, state: LEADER, isAlive: true },
    ];
    await one.stop();
    const isAppended = () =>
      client.use(append).then(
        () => true,
        () => false,
      );
    await until(isAppended, WITHIN_MS, 'an append to the new leader');
    expect(await other.hasEvents()).toBe(true);
    one = await startNode(folder);
  }, 60_000);

  it('causes an error within bounded time while it has no living leader', async () => {
    seed.members = [{ port: one.port, state: LEADER, isAlive: false }];
    const url = `esdb+discover://127.0.0.1:${seed.port}?tls=false&maxDiscoverAttempts=3&discoveryInterval=10`;
    await expect(append(connect(url))).rejects.toThrow('Failed to discover after 3 attempts');
    expect(seed.asked).toBe(3);
  });
});
