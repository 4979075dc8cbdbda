import type { Registry } from 'prom-client';
import type { WritingClient } from '#libs/event-store';
import type { BatchConsumer, Producer } from '#libs/kafka';
import { startHealthServer, type Health, type Pool, type Running } from '#libs/platform';

export interface CommandParts {
  readonly consumer: BatchConsumer;
  readonly producer: Producer;
  readonly pool: Pool;
  readonly client: WritingClient;
  readonly health: Health;
  readonly metrics: Registry;
  readonly port: number;
  readonly untilClocksAgree: () => Promise<void>;
}

/** Starts what is needed first, and stops the intake before what it works with. */
export class CommandApp {
  constructor(private readonly parts: CommandParts) {}

  async start(): Promise<Running> {
    const { consumer, producer, pool, client, health, metrics, port, untilClocksAgree } = this.parts;
    const server = await startHealthServer(port, health, metrics);
    await untilClocksAgree();
    await producer.connect();
    await consumer.start();
    return {
      async stop() {
        await consumer.stop();
        await producer.disconnect();
        await client.dispose();
        await pool.end();
        await server.close();
      },
    };
  }
}
