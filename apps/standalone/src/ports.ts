import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { listen, lockDataDir } from '#libs/dev-servers';
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

/** Of one address; a server that was given may have several, or none. */
const portOf = (url: string | undefined) => Number(URL.parse(url ?? '')?.port) || undefined;

/** A port that is free at this moment. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  const port = await listen(server, preferred);
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The preferred port if it is free and no other standalone service is about to take it, else a free one. Between our
 * looking and the app's listening another service could find it free as well, and then be taken for this one.
 */
export async function claimPort(preferred: number): Promise<number> {
  try {
    lockDataDir(join(tmpdir(), `invitations-port-${preferred}-${userInfo().uid}`));
  } catch {
    return freePort();
  }
  return freePort(preferred);
}
