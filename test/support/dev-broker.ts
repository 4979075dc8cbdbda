import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../libs/dev-servers/src/start-servers.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';

type Settings = Parameters<typeof startKafka>[0];
type Running = Pick<Awaited<ReturnType<typeof startKafka>>, 'addresses' | 'kill' | 'stop'>;

/** A development broker that can be stopped for a while and returns with its port and data. */
export class DevBroker {
  private constructor(
    private readonly settings: Settings,
    private running: Running,
  ) {}

  /** As a process of its own, which a test may kill. */
  static async start(settings: Settings): Promise<DevBroker> {
    return new DevBroker(settings, await startKafka(settings));
  }

  /** For a test that does not kill it: in the process that all specs of a run share, if there is one. */
  static async startShared(settings: Omit<Settings, 'dataDir' | 'port'> = {}): Promise<DevBroker> {
    if (!hasSharedServers()) {
      const dataDir = await mkdtemp(join(tmpdir(), 'test-kafka-'));
      const own = await startKafka({ ...settings, dataDir });
      const stop = async () => {
        await own.stop();
        await rm(dataDir, { recursive: true });
      };
      const { addresses } = own;
      return new DevBroker({ ...settings, dataDir }, { addresses, kill: () => own.kill(), stop });
    }
    const server = await openSharedServer('kafka', settings);
    const kill = () => Promise.reject(new Error('a shared broker cannot be killed: start one of its own'));
    return new DevBroker(
      { ...settings, dataDir: '' },
      { addresses: server, kill, stop: () => server.stop() },
    );
  }

  get brokers(): string {
    return this.running.addresses.brokers;
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  async startAgain(): Promise<void> {
    this.running = await startKafka({ ...this.settings, port: Number(this.brokers.split(':')[1]) });
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}
