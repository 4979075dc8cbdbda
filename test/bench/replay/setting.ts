import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '#libs/dev-servers';
import { preload } from '../projections/setting.js';
import type { Setting } from './contestants.js';

/** A server of its own, with so many events. */
export async function openSetting(events: number): Promise<Setting & { stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'invitations-bench-replay-'));
  const store = await startEventStore({ dataDir: join(folder, 'event-store') });
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
