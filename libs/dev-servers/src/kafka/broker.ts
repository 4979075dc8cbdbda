import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { listen, LOOPBACK } from '../process/listen.js';
import type { Serving } from '../process/serve.js';
import { createPartitions } from './apis/create-partitions.js';
import { createTopics } from './apis/create-topics.js';
import { deleteGroups } from './apis/delete-groups.js';
import { deleteRecords } from './apis/delete-records.js';
import { deleteTopics } from './apis/delete-topics.js';
import { describeConfigs } from './apis/describe-configs.js';
import { describeGroups } from './apis/describe-groups.js';
import { fetch } from './apis/fetch.js';
import { findCoordinator } from './apis/find-coordinator.js';
import { heartbeat } from './apis/heartbeat.js';
import { initProducerId } from './apis/init-producer-id.js';
import { joinGroup } from './apis/join-group.js';
import { leaveGroup } from './apis/leave-group.js';
import { listGroups } from './apis/list-groups.js';
import { listOffsets } from './apis/list-offsets.js';
import { metadata } from './apis/metadata.js';
import type { Node } from './apis/node.js';
import { offsetCommit } from './apis/offset-commit.js';
import { offsetFetch } from './apis/offset-fetch.js';
import { produce } from './apis/produce.js';
import { syncGroup } from './apis/sync-group.js';
import { Groups } from './groups/groups.js';
import { serveConnection } from './network/connection.js';
import { Dispatcher } from './network/dispatcher.js';
import type { Api } from './protocol/api.js';
import type { KafkaAddresses, KafkaSettings } from './settings.js';
import { Store } from './storage/store.js';

const MAX_CONNECTIONS = 1_000;

/**
 * A development broker: one node, without transactions, access control or TLS, that speaks Kafka's protocol. What it
 * has acknowledged survives a kill of its process, not a crash of the machine.
 * @throws when the data directory is held by another process or damaged
 */
export async function startBroker(settings: KafkaSettings): Promise<Serving<KafkaAddresses>> {
  const store = Store.open(settings.dataDir);
  const server = createServer();
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, settings.port);
  const node: Node = { id: 1, host: LOOPBACK, port, clusterId: store.clusterId };
  const groups = new Groups(settings.groupInitialRebalanceDelayMs, settings.groupMinSessionTimeoutMs);
  const dispatcher = new Dispatcher(apisOf(node, groups, store));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, dispatcher);
  });
  return {
    addresses: { brokers: `${LOOPBACK}:${port}` },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
      store.close();
    },
  };
}

function apisOf(node: Node, groups: Groups, { topics, offsets, producerIds }: Store): Api[] {
  return [
    produce(topics),
    fetch(topics),
    listOffsets(topics),
    metadata(node, topics),
    offsetCommit(groups, topics, offsets),
    offsetFetch(offsets),
    findCoordinator(node),
    joinGroup(groups),
    heartbeat(groups),
    leaveGroup(groups),
    syncGroup(groups),
    describeGroups(groups, offsets),
    listGroups(groups, offsets),
    createTopics(topics),
    deleteTopics(topics, offsets),
    deleteRecords(topics),
    initProducerId(producerIds),
    describeConfigs(topics),
    createPartitions(topics),
    deleteGroups(groups, offsets),
  ];
}
