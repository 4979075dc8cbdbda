import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore } from '../../../libs/dev-servers/src/eventstore/start.js';

/** A development event store that a test kills and starts again on the same directory and port. */
export class EventStoreUnderControl {
  private running: Awaited<ReturnType<typeof startEventStore>> | undefined;
  private port: number | undefined;

  private constructor(readonly dataDir: string) {}

  static async start(): Promise<EventStoreUnderControl> {
    const store = new EventStoreUnderControl(await mkdtemp(join(tmpdir(), 'event-store-')));
    await store.start();
    store.port = Number(new URL(store.url.replace('esdb:', 'http:')).port);
    return store;
  }

  get url(): string {
    return this.running!.addresses.url;
  }

  async start(): Promise<void> {
    const { dataDir, port } = this;
    this.running = await startEventStore(port === undefined ? { dataDir } : { dataDir, port });
  }

  kill(): Promise<void> {
    return this.running!.kill();
  }

  async remove(): Promise<void> {
    await this.running!.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
