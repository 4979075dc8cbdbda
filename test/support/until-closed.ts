import type { Socket } from 'node:net';

/**
 * Until a connection has ended, in whichever way: a byte that crosses the server's end of it is answered with a reset, and
 * `events.once` would take that for a failure. For sockets whose errors somebody hears.
 */
export const untilClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.resume().once('close', () => resolve()));
