import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Longer than a request may take, shorter than the process has to stop. In milliseconds. */
const LONGEST_REQUEST_MS = 12_000;

/**
 * At a stop, requests under way finish and their connections close; those that never carried one are cut. Node counts
 * these as busy (browsers open them ahead of need) and would wait for them, and for slow senders, for ever.
 */
export function drainConnections(server: FastifyInstance): void {
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
    setTimeout(() => http.closeAllConnections(), LONGEST_REQUEST_MS).unref();
    done();
  });
}
