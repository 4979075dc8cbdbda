import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds: longer than a request may take, shorter than the time that the process has to stop. */
const MAX_REQUEST_MS = 12_000;

/**
 * On shutdown, lets requests in flight finish and closes their connections, and destroys connections that never
 * carried a request. Browsers open those in advance; Node counts them as busy and would wait for them, and for slow
 * senders, for ever.
 */
export function drainConnectionsOnClose(server: FastifyInstance): void {
  const http = server.server;
  const unused = new Set<Socket>();
  let stopping = false;
  http.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  http.on('request', ({ socket }) => unused.delete(socket));
  server.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
  server.addHook('preClose', (done) => {
    stopping = true;
    for (const socket of unused) socket.destroy();
    setTimeout(() => http.closeAllConnections(), MAX_REQUEST_MS).unref();
    done();
  });
}
