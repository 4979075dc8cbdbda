// Runs in jest's main process in plain Node, so it cannot be TypeScript.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/**
 * Listens for requests of specs for servers (test/support/shared-servers.ts), and starts the process of these servers
 * at the first request, so that a run of unit tests starts none.
 * @returns its address, and a function that ends it
 */
export async function startHost() {
  let host;
  const waiting = new Map();
  let requests = 0;

  const startProcess = () => {
    const child = fork(fileURLToPath(new URL('./host.mjs', import.meta.url)), { execArgv: [] });
    child.on('message', ({ request, ...outcome }) => {
      waiting.get(request)?.(outcome);
      waiting.delete(request);
    });
    child.once('exit', (code, signal) => {
      const failed = `the process of shared servers has ended (${signal ?? code}): build first, and see its output`;
      for (const settle of waiting.values()) settle({ failed });
      waiting.clear();
      host = undefined;
    });
    return child;
  };
  const ask = (message) =>
    new Promise((resolve) => {
      host ??= startProcess();
      const request = ++requests;
      waiting.set(request, resolve);
      host.send({ ...message, request }, (error) => error && resolve({ failed: error.message }));
    });

  const respond = async (request, response) => {
    const { result, failed } = await ask(await json(request));
    // A connection that is kept alive may be closed while the next request is on its way.
    response.writeHead(failed === undefined ? 200 : 500, { connection: 'close' });
    response.end(JSON.stringify(failed === undefined ? result : { failed }));
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      if (host === undefined) return;
      const exited = once(host, 'exit');
      host.send({ end: true });
      await exited;
    },
  };
}
