import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Endpoints } from './endpoints.js';

/** The ports that are asked for: those of the last run, so that links in earlier e-mails still lead here. */
export function preferredPorts(last: Endpoints | undefined) {
  return {
    api: portOf(last?.api) ?? 3000,
    kafka: portOf(last && `tcp://${last.kafka}`) ?? 9092,
    eventStore: portOf(last?.eventStore) ?? 2113,
    postgres: portOf(last?.postgres) ?? 5432,
    mail: portOf(last?.mail) ?? 8025,
    smtp: 1025,
    signIn: 3001,
  };
}

const portOf = (url: string | undefined) => (url === undefined ? undefined : Number(new URL(url).port));

/** The preferred port, or a free one if it is busy. */
export async function freePort(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const { port: found } = server.address() as AddressInfo;
      server.close();
      await once(server, 'close');
      return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('no free port');
}
