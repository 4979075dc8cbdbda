import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** The only interface that a development server listens on: none of them knows authentication. */
export const LOOPBACK = '127.0.0.1';

/**
 * Listens on the loopback interface at the preferred port, or at a free one when that is busy or none is preferred.
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
