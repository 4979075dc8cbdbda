import { createServer, type Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { listen } from '../../process/listen.js';
import type { EventStore } from '../store/event-store.js';
import { appendHandler } from './append.handler.js';
import { batchAppendHandler } from './batch-append.handler.js';
import { deleteHandler, tombstoneHandler } from './delete.handlers.js';
import { gossipHandler } from './gossip.handler.js';
import { readHandler } from './read.handler.js';
import { supportedMethodsHandler } from './server-features.handler.js';
import { GossipService, ServerFeaturesService, StreamsService } from './stubs.js';

const OPTIONS = {
  // As the real server's. The client's batches of 3 MiB need more than gRPC's default.
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  // As the real server's defaults: a client that vanished without a word is gone after twenty seconds.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // A call may hold a message of the size above; so there is a limit to calls.
  'grpc.max_concurrent_streams': 1_000,
  'grpc.enable_channelz': 0,
};

/** Reads answer bytes that are encoded already. */
const STREAMS = {
  ...StreamsService,
  read: { ...StreamsService.read, responseSerialize: (bytes: Buffer) => bytes },
};

export interface GrpcServer {
  readonly port: number;
  /** Ends all calls and closes all connections. */
  stop(): void;
}

/** Serves a store by EventStoreDB's protocol on the loopback interface, at the preferred port or a free one. */
export async function serveGrpc(store: EventStore, preferredPort?: number): Promise<GrpcServer> {
  const server = new Server(OPTIONS);
  let port = 0;
  server.addService(STREAMS, {
    read: readHandler(store),
    append: appendHandler(store),
    batchAppend: batchAppendHandler(store),
    delete: deleteHandler(store),
    tombstone: tombstoneHandler(store),
  });
  server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler() });
  server.addService(GossipService, { read: gossipHandler(() => port) });

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay();
    injector.injectConnection(socket);
  });
  port = await listen(listener, preferredPort);
  return {
    port,
    stop() {
      listener.close();
      server.forceShutdown();
      for (const socket of sockets) socket.destroy();
    },
  };
}
