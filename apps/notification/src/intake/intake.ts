import { InvalidData } from '#libs/contracts';
import type { Incoming } from '#libs/kafka';
import { endWith, inTransaction, type Logger, type Pool } from '#libs/platform';
import { storeDeadLetters, type Poison } from './dead-letters.table.js';
import { eventIdOf, intakeStep } from './intake-step.js';
import type { TopicHandler } from './topic-handler.js';

/** Stores what chunks of messages say; their offsets are committed after that. Sending is another's work. */
export class Intake {
  constructor(
    private readonly pool: Pool,
    private readonly handlers: ReadonlyMap<string, TopicHandler<unknown>>,
    private readonly stored: () => void,
    private readonly logger: Logger,
  ) {}

  get topics(): readonly string[] {
    return [...this.handlers.keys()];
  }

  /** @param messages of one partition, in order */
  async handle(messages: readonly Incoming[]): Promise<void> {
    for (const [topic, ofTopic] of Map.groupBy(messages, (message) => message.topic)) {
      const handler = this.handlers.get(topic);
      if (handler !== undefined) await this.store(handler, ofTopic);
    }
    this.stored();
  }

  private async store(handler: TopicHandler<unknown>, messages: readonly Incoming[]): Promise<void> {
    const parsed: unknown[] = [];
    const poison: Poison[] = [];
    const steps = messages.map(intakeStep);
    for (const [index, message] of messages.entries()) {
      try {
        parsed.push(handler.parse(message, steps[index]?.traceparent));
      } catch (error) {
        if (!(error instanceof InvalidData)) throw error;
        poison.push({ message, reason: error.message });
      }
    }
    await endWith(steps, () =>
      inTransaction(this.pool, async (tx) => {
        await handler.store(tx, parsed);
        await storeDeadLetters(tx, poison);
      }),
    );
    await handler.afterwards?.(this.pool, parsed);
    for (const { message, reason } of poison) {
      const { topic, partition, offset } = message;
      const eventId = eventIdOf(message);
      this.logger.warn(
        { topic, partition, offset, eventId, reason },
        'not what its topic carries: set aside',
      );
    }
  }
}
