import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { claimPort } from './ports.js';

/** The first port that Linux may give to any connection. */
const EPHEMERAL = 32_768;

describe('claimPort', () => {
  it('returns a port that no connection can be given, and none twice', async () => {
    const ports = [await claimPort(), await claimPort(), await claimPort()];
    expect(new Set(ports).size).toBe(3);
    expect(Math.max(...ports)).toBeLessThan(EPHEMERAL);
  });

  it('returns another port than the preferred one while that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await claimPort(port)).toBeLessThan(EPHEMERAL);
    await once(server.close(), 'close');
    expect(await claimPort(port)).toBe(port);
  });
});
