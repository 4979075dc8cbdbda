import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStoreProcess } from '../../support/event-store-process.js';
import { preload } from '../projections/bench-harness.js';
import type { BenchHarness } from './candidates.js';

/** Starts a server with a number of events. */
export async function openBenchHarness(events: number): Promise<BenchHarness & { stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'invitations-bench-replay-'));
  const store = await startEventStoreProcess({ dataDir: join(folder, 'event-store') });
  await preload(store.addresses.url, 'account', events);
  return {
    url: store.addresses.url,
    events,
    folder,
    async stop() {
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
