import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Linux gives ports from 32768 on to sockets that bind port 0. A lower port stays free until the caller uses it. */
const LOWEST = 20_000;
const RANGES = 8;
const PORTS_PER_RANGE = 1_500;

const handedOut = new Set<number>();

/** Returns a port that is free on all addresses. Each process looks in one of several ranges, and returns no port twice. */
export async function findFreePort(): Promise<number> {
  const range = Number(process.env['JEST_WORKER_ID'] ?? process.pid) % RANGES;
  for (;;) {
    const port = LOWEST + range * PORTS_PER_RANGE + randomInt(PORTS_PER_RANGE);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
