import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { listen, LOOPBACK } from '../process/listen.js';
import type { RunningServer } from '../process/server-process.js';
import { findCoordinator, metadata, type Node } from './apis/cluster.js';
import { fetch } from './apis/fetch.js';
import { deleteGroups, describeGroups, listGroups } from './apis/group-admin.js';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './apis/group-membership.js';
import { offsetCommit, offsetFetch } from './apis/group-offsets.js';
import { listOffsets } from './apis/list-offsets.js';
import { initProducerId, produce } from './apis/produce.js';
import {
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeConfigs,
} from './apis/topic-admin.js';
import { Groups } from './groups/groups.js';
import { serveConnection } from './network/connection.js';
import { Dispatcher } from './network/dispatcher.js';
import type { Api } from './protocol/api.js';
import { saslAuthenticate, saslHandshake, type KafkaLogins } from './sasl/logins.js';
import { Store } from './storage/store.js';

export interface KafkaSettings {
  /** Holds the broker's data. Created if it does not exist; used by one process at a time. */
  readonly dataDir: string;
  /** The preferred port on 127.0.0.1. A free one is taken when it is busy or absent. */
  readonly port?: number;
  /** How long an empty group waits for more members before its first rebalance. Default 0. */
  readonly groupInitialRebalanceDelayMs?: number;
  /** The minimum session timeout of a member. Default 6000, as on a real broker. */
  readonly groupMinSessionTimeoutMs?: number;
  /** Files in PEM format. With a `clientCaFile`, clients must have a certificate that one of its authorities has signed. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile?: string };
  /** Who may log in. Without it, nobody has to. */
  readonly logins?: KafkaLogins;
}

export interface KafkaAddresses {
  /** `host:port`, a client's list of bootstrap brokers. */
  readonly brokers: string;
}

const MAX_CONNECTIONS = 1_000;

/**
 * Opens a development broker that speaks Kafka's protocol: one node, without transactions or access control. Acknowledged
 * records survive a kill of its process, but not a crash of the machine.
 * @throws when another process uses the data directory, or a file in it is damaged
 */
export async function openKafka(settings: KafkaSettings): Promise<RunningServer<KafkaAddresses>> {
  const { logins } = settings;
  const store = Store.open(settings.dataDir);
  const server = settings.tls === undefined ? createServer() : createTlsServer(settings.tls);
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, settings.port);
  const node: Node = { id: 1, host: LOOPBACK, port, clusterId: store.clusterId };
  const groups = new Groups(settings.groupInitialRebalanceDelayMs, settings.groupMinSessionTimeoutMs);
  const dispatcher = new Dispatcher(
    [
      ...createApis(node, groups, store),
      ...(logins === undefined ? [] : [saslHandshake(), saslAuthenticate(logins)]),
    ],
    logins !== undefined,
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A TLS server destroys it after a failed handshake.
    socket.on('error', () => undefined);
  });
  server.on(settings.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
    serveConnection(socket, dispatcher),
  );
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

function createTlsServer({ certFile, keyFile, clientCaFile }: NonNullable<KafkaSettings['tls']>): Server {
  return createSecureServer({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    ...(clientCaFile === undefined ? {} : { ca: readFileSync(clientCaFile), requestCert: true }),
  });
}

function createApis(node: Node, groups: Groups, { topics, offsets, producerIds }: Store): Api[] {
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
