import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listen, LOOPBACK } from '../process/listen.js';
import { UNRESTRICTED_ACCESS, UserAccess } from './access/access.js';
import type { Users } from './access/users.js';
import { createGrpcServer } from './grpc/grpc-server.js';
import type { SubscriptionSettings } from './grpc/subscription.js';
import { createHttpApi } from './http-api.js';
import type { NodeCertificates } from './node-certificates.js';
import type { EventStore } from './store/event-store.js';

export interface ServeSettings extends SubscriptionSettings {
  /** The preferred port. A free one is taken when it is busy or absent. */
  readonly port?: number;
  /** With certificates, connections are encrypted and requests are authenticated. */
  readonly certificates?: NodeCertificates;
  /** Whether a certificate of the same authority authenticates the user whom it names. */
  readonly acceptsUserCertificates?: boolean;
}

/** Serves a store on the loopback interface, over gRPC and HTTP. */
export async function serveStore(
  store: EventStore,
  users: Users,
  { port: preferredPort, certificates, acceptsUserCertificates = false, ...subscriptions }: ServeSettings,
): Promise<{ readonly host: string; readonly port: number; stop(): void }> {
  let port = 0;
  // With a numeric address, the client would warn, because TLS expects a host name.
  const host = certificates ? 'localhost' : LOOPBACK;
  const access = certificates ? new UserAccess(store, users) : UNRESTRICTED_ACCESS;
  const grpc = createGrpcServer(store, access, users, { ...subscriptions, node: { host, port: () => port } });
  const http = createHttpServer(createHttpApi(access, users));
  const protocols: Protocols = {
    http2: (socket) => grpc.serve(socket),
    http1: (socket) => void http.emit('connection', socket),
  };
  const listener = certificates
    ? tlsListener(certificates, acceptsUserCertificates, protocols)
    : plainListener(protocols);
  const sockets = new Set<Socket>();
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  port = await listen(listener, preferredPort);
  return {
    host,
    port,
    stop() {
      listener.close();
      grpc.stop();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The first bytes of an HTTP/2 connection with prior knowledge, which gRPC clients use. */
const HTTP2_PREFACE = Buffer.from('PRI');
/** A connection on which the client sends nothing is closed after this time. */
const IDLE_TIMEOUT_MS = 20_000;

interface Protocols {
  http2(socket: Socket): void;
  http1(socket: Socket): void;
}

/** One port for gRPC and HTTP/1.1, as on EventStoreDB: the first bytes of a connection tell which of them it is. */
function plainListener(protocols: Protocols): Server {
  return createServer((socket) => {
    socket.setNoDelay();
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    const detectProtocol = () => {
      const first: Buffer | null = socket.read(HTTP2_PREFACE.length) as Buffer | null;
      if (first === null) return;
      socket.off('readable', detectProtocol);
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.unshift(first);
      if (first.equals(HTTP2_PREFACE)) protocols.http2(socket);
      else protocols.http1(socket);
    };
    socket.on('readable', detectProtocol);
  });
}

/** The same over TLS, where the handshake negotiates the protocol, and users may show a certificate of the same authority. */
function tlsListener(
  { ca, cert, key }: NodeCertificates,
  acceptsUserCertificates: boolean,
  protocols: Protocols,
): Server {
  const options = { cert, key, ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: IDLE_TIMEOUT_MS };
  const ofUsers = acceptsUserCertificates ? { ca, requestCert: true, rejectUnauthorized: false } : {};
  return createTlsServer({ ...options, ...ofUsers }, (socket) => {
    socket.setNoDelay();
    socket.on('error', () => socket.destroy());
    const showsCertificate = acceptsUserCertificates && socket.getPeerX509Certificate() !== undefined;
    if (showsCertificate && !socket.authorized) socket.destroy();
    else if (socket.alpnProtocol === 'h2') protocols.http2(socket);
    else protocols.http1(socket);
  });
}
