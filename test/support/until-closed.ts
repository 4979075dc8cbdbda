import type { Socket } from 'node:net';

/**
 * Waits until a connection has ended in any way. A byte that crosses the server's end is answered with a reset, which
 * `events.once` would treat as a failure. For sockets with an error listener.
 */
export const untilClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.resume().once('close', () => resolve()));
