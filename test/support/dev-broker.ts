import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';

type Settings = Parameters<typeof startKafka>[0];

/** A development broker that can be gone for a while, and then is where it was. */
export class DevBroker {
  private constructor(
    private readonly settings: Settings,
    private running: Awaited<ReturnType<typeof startKafka>>,
  ) {}

  static async start(settings: Settings): Promise<DevBroker> {
    return new DevBroker(settings, await startKafka(settings));
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
