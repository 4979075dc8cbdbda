import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasSharedServers, openSharedServer } from '../../support/shared-servers.js';
import {
  startEventStoreProcess,
  type DevelopmentSettings,
  type EventStoreProcess,
} from '../../support/event-store-process.js';

/** The event store under test, which a test can kill and start again on the same directory and port. */
export class EventStoreUnderControl {
  private running: Pick<EventStoreProcess, 'addresses' | 'kill' | 'stop'> | undefined;
  private port: number | undefined;

  private constructor(
    readonly dataDir: string,
    private readonly settings: DevelopmentSettings,
  ) {}

  static async start(settings: DevelopmentSettings = {}): Promise<EventStoreUnderControl> {
    const store = new EventStoreUnderControl(await mkdtemp(join(tmpdir(), 'event-store-')), settings);
    await store.start();
    store.port = Number(new URL(store.url.replace('esdb:', 'http:')).port);
    return store;
  }

  /** For tests that do not kill it: a store in the process that all specs of a run share, if there is one. */
  static async startShared(): Promise<EventStoreUnderControl> {
    if (process.env['EVENTSTORE_COMMAND'] || !hasSharedServers()) return EventStoreUnderControl.start();
    const store = new EventStoreUnderControl('', {});
    const server = await openSharedServer('eventStore', {});
    store.running = {
      addresses: server,
      kill: () => Promise.reject(new Error('a shared event store cannot be killed: start one of its own')),
      stop: () => server.stop(),
    };
    return store;
  }

  get url(): string {
    return this.running!.addresses.url;
  }

  async start(): Promise<void> {
    const { dataDir, port, settings } = this;
    this.running = await startEventStoreProcess({
      ...settings,
      dataDir,
      ...(port === undefined ? {} : { port }),
    });
  }

  kill(): Promise<void> {
    return this.running!.kill();
  }

  async remove(): Promise<void> {
    await this.running!.stop();
    if (this.dataDir !== '') await rm(this.dataDir, { recursive: true, force: true });
  }
}
