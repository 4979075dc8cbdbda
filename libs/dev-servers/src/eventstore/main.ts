import { setFlagsFromString } from 'node:v8';
import { LOOPBACK } from '../process/listen.js';
import { serve } from '../process/serve.js';
import { serveGrpc } from './grpc/grpc-server.js';
import { EventStore } from './store/event-store.js';
import { writeSystemEvents } from './store/system-events.js';

// Filters bring regular expressions: one that backtracks without end is matched in linear time instead.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

await serve(async ({ dataDir, port }: { dataDir: string; port?: number }) => {
  const store = await EventStore.open(dataDir);
  void store.failed.then((error) => {
    // What is on the disk is unknown from here on; a start reads it anew.
    process.stderr.write(`the event log cannot be written: ${error.message}\n`);
    process.exit(1);
  });
  await writeSystemEvents(store);
  const server = await serveGrpc(store, port);
  return {
    addresses: { url: `esdb://${LOOPBACK}:${server.port}?tls=false` },
    async stop() {
      await store.settled().catch(() => undefined);
      server.stop();
      await store.close();
    },
  };
});
