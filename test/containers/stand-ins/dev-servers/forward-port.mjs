// The development servers listen on 127.0.0.1 only. This forwards a port that other containers reach.
import { connect, createServer } from 'node:net';

/** @param {number} port the same port as the real server's. @param {number} target where the development server listens */
export function forwardPort(port, target) {
  createServer((client) => {
    const server = connect(target, '127.0.0.1');
    const end = () => {
      client.destroy();
      server.destroy();
    };
    client.on('error', end).on('close', end);
    server.on('error', end).on('close', end);
    client.pipe(server).pipe(client);
  }).listen(port);
}
