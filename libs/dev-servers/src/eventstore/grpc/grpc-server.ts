import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import type { Users } from '../access/users.js';
import { GossipService, ServerFeaturesService, StreamsService, UsersService } from '../protocol/stubs.js';
import type { EventStore } from '../store/event-store.js';
import { appendHandler } from './append.handler.js';
import { batchAppendHandler } from './batch-append.handler.js';
import { readHandler } from './read.handler.js';
import type { SubscriptionSettings } from './subscription.js';
import { deleteHandler, gossipHandler, supportedMethodsHandler, tombstoneHandler } from './unary.handlers.js';
import { usersHandlers } from './users.handlers.js';

const OPTIONS = {
  // The real server's limit. The client's batches of 3 MiB exceed gRPC's default.
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  // The real server's defaults: a client that vanished is disconnected after twenty seconds.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // Each call may hold a message of the maximum size, so the number of calls is limited.
  'grpc.max_concurrent_streams': 1_000,
  'grpc.enable_channelz': 0,
};

/** Responses to reads are encoded already. */
const STREAMS = {
  ...StreamsService,
  read: { ...StreamsService.read, responseSerialize: (bytes: Buffer) => bytes },
};

export interface GrpcServer {
  /** Takes a connection on which the client speaks HTTP/2. */
  serve(connection: Socket): void;
  /** Ends all calls. */
  stop(): void;
}

export interface GrpcServerSettings extends SubscriptionSettings {
  /** The address that gossip names. The port is known once the server listens. */
  readonly node: { readonly host: string; readonly port: () => number };
}

/** Serves a store over EventStoreDB's gRPC protocol. */
export function createGrpcServer(
  store: EventStore,
  access: Access,
  users: Users,
  { node, ...subscriptions }: GrpcServerSettings,
): GrpcServer {
  const server = new Server(OPTIONS);
  server.addService(STREAMS, {
    read: readHandler(store, subscriptions, access),
    append: appendHandler(store, access),
    batchAppend: batchAppendHandler(store, access),
    delete: deleteHandler(store, access),
    tombstone: tombstoneHandler(store, access),
  });
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler(access) });
  server.addService(UsersService, usersHandlers(users, access));
  server.addService(GossipService, { read: gossipHandler(node, access) });
  // The listener handles TLS: connections arrive here decrypted.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    serve: (connection) => injector.injectConnection(connection),
    stop: () => server.forceShutdown(),
  };
}
