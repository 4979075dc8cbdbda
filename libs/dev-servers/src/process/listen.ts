import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** The only interface that development servers listen on, so that other machines cannot reach them. */
export const LOOPBACK = '127.0.0.1';

/**
 * Listens on the loopback interface at the preferred port, or at a free port when that is busy or absent.
 * @returns the port
 */
export async function listen(server: Server, preferredPort = 0): Promise<number> {
  try {
    server.listen(preferredPort, LOOPBACK);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || preferredPort === 0) throw error;
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
  }
  return (server.address() as AddressInfo).port;
}
