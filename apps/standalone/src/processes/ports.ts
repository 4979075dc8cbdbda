import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { listen, lockDataDir } from '#libs/dev-servers';
import type { Endpoints } from '../state/state-directory.js';

/** The preferred ports: those of the last run, so that links in earlier e-mails keep working. */
export function preferredPorts(last: Endpoints | undefined) {
  return {
    api: parsePort(last?.api) ?? 3000,
    kafka: parsePort(last && `tcp://${last.kafka}`) ?? 9092,
    eventStore: parsePort(last?.eventStore) ?? 2113,
    postgres: parsePort(last?.postgres) ?? 5432,
    mail: parsePort(last?.mail) ?? 8025,
    smtp: 1025,
    signIn: 3001,
  };
}

/** Returns the port of one address; an external server may have several addresses, or none with a port. */
const parsePort = (url: string | undefined) => Number(URL.parse(url ?? '')?.port) || undefined;

/**
 * Where ports are looked for that are not preferred: below the range from which Linux takes ports for connections (from 32768
 * on). A connection could otherwise take a port between this check and the app's listening, and keep the app from starting.
 */
const FIRST_PORT = 13_001;
const LAST_PORT = 13_999;

/**
 * Returns the preferred port if it is free and no other standalone service has claimed it, otherwise another such port. The
 * claim is a lock: between this check and the app's listening, another service could find the port free, and its
 * clients would reach this one.
 */
export async function claimPort(preferred = FIRST_PORT): Promise<number> {
  if (await tryToClaim(preferred)) return preferred;
  for (let port = FIRST_PORT; port <= LAST_PORT; port += 1) {
    if (await tryToClaim(port)) return port;
  }
  throw new Error(`no port is free from ${FIRST_PORT} to ${LAST_PORT}`);
}

/** @returns whether the port is free, and this process has claimed it */
async function tryToClaim(port: number): Promise<boolean> {
  let release: () => void;
  try {
    release = lockDataDir(join(tmpdir(), `invitations-port-${port}-${userInfo().uid}`));
  } catch {
    return false;
  }
  const server = createServer();
  const listened = await listen(server, port);
  server.close();
  await once(server, 'close');
  if (listened !== port) release();
  return listened === port;
}
