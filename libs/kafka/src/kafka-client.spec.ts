import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkServer } from '#libs/platform';
import { kafkaCheck } from './kafka-client.js';

const LISTEN = `const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => console.log(server.address().port));`;

/** As many connections as fill the queue of a process that does not accept them. */
const QUEUED = 4;

describe('kafkaCheck', () => {
  let server: ChildProcess | undefined;
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server?.kill('SIGKILL');
  });

  it('reports brokers that accept no connection in time as a timeout, because they may be starting', async () => {
    server = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(server.stdout!, 'data')) as [Buffer];
    server.kill('SIGSTOP');
    for (let n = 0; n < QUEUED; n += 1)
      sockets.push(connect(Number(port), '127.0.0.1').on('error', () => undefined));
    // Longer than kafkajs waits for a connection by default.
    await expect(
      checkServer(kafkaCheck({ brokers: `127.0.0.1:${Number(port)}` }), 1_500),
    ).rejects.toMatchObject({
      isTimeout: true,
      message: expect.stringContaining('no answer within 1.5 s'),
    });
  });
});
