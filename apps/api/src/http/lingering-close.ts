import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds for which the rest of a request is still received after the response. */
const LINGER_MS = 2_000;

/**
 * Lets a client receive the response that ends its connection, although the server has not received the request whole: a body that is
 * too large, or bytes that are not HTTP behind a request. If a connection is closed with unread bytes, the operating system
 * resets it, and what the client has not read by then is lost (RFC 9112, 9.6).
 */
export function lingerOnClose(server: FastifyInstance): void {
  const lingers = (socket: Socket) => void (socket.destroySoon = () => closeLingering(socket));
  // Of a connection with TLS, only the second is used.
  server.server.on('connection', lingers).on('secureConnection', lingers);
}

/** Sends what has been written, and closes the connection when the client does, at the latest after `LINGER_MS`. */
export function closeLingering(socket: Socket): void {
  // Nothing that still comes is a request: the client could not learn what came of it.
  socket.removeAllListeners('data');
  socket.end(() => {
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  });
}
