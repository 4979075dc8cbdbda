import { InvalidDataError, UUID } from '#libs/contracts';
import { readTraceparent, type ConsumedMessage, type UndecodableBatch } from '#libs/kafka';
import {
  withSpans,
  inTransaction,
  startSpan,
  type Logger,
  type Pool,
  type Queryable,
  type Span,
} from '#libs/platform';
import { storeDeadLetters, storeUndecodableBatch, type InvalidMessage } from './dead-letters.table.js';

/** How the messages of one topic are consumed. */
export interface TopicHandler<Parsed> {
  /** Whether its messages belong to no trace, as profiles do. */
  readonly isUntraced?: true;
  /**
   * @param traceparent of the span in which this app processes the message; undefined while no traces are collected
   * @throws InvalidDataError for a message that is to become a dead letter
   */
  parse(message: ConsumedMessage, traceparent?: string): Parsed;
  /**
   * Stores a batch in the given transaction, which also stores its dead letters. Storing a batch twice changes nothing.
   * @param maxAgeMs an event that is older is never mailed (D21); in milliseconds
   */
  store(tx: Queryable, parsed: readonly Parsed[], maxAgeMs: number): Promise<void>;
  /** Runs after the commit, and before the offsets are committed: after a crash in between, the batch is consumed again. */
  afterCommit?(db: Queryable, parsed: readonly Parsed[]): Promise<void>;
}

/** Stores the effects of message batches: their offsets are committed afterwards. The outbox worker sends the e-mails. */
export class MessageBatchHandler {
  constructor(
    private readonly pool: Pool,
    private readonly handlers: ReadonlyMap<string, TopicHandler<unknown>>,
    /** An event that is older is never mailed (D21); in milliseconds. */
    private readonly maxAgeMs: number,
    private readonly onStored: () => void,
    private readonly logger: Logger,
  ) {}

  get topics(): readonly string[] {
    return [...this.handlers.keys()];
  }

  /** @param messages of one partition, in order */
  async handle(messages: readonly ConsumedMessage[]): Promise<void> {
    for (const [topic, ofTopic] of Map.groupBy(messages, (message) => message.topic)) {
      const handler = this.handlers.get(topic);
      if (handler !== undefined) await this.store(handler, ofTopic);
    }
    this.onStored();
  }

  /** Stores where a batch is that cannot be decoded, as a dead letter. */
  recordUndecodableBatch(batch: UndecodableBatch): Promise<void> {
    return storeUndecodableBatch(this.pool, batch);
  }

  private async store(handler: TopicHandler<unknown>, messages: readonly ConsumedMessage[]): Promise<void> {
    const parsed: unknown[] = [];
    const invalid: InvalidMessage[] = [];
    const spans = messages.map((message) => (handler.isUntraced ? undefined : startProcessSpan(message)));
    for (const [index, message] of messages.entries()) {
      try {
        parsed.push(handler.parse(message, spans[index]?.traceparent));
      } catch (error) {
        if (!(error instanceof InvalidDataError)) throw error;
        invalid.push({ message, reason: error.message });
      }
    }
    await withSpans(spans, () =>
      inTransaction(this.pool, async (tx) => {
        await handler.store(tx, parsed, this.maxAgeMs);
        await storeDeadLetters(tx, invalid);
      }),
    );
    await handler.afterCommit?.(this.pool, parsed);
    for (const { message, reason } of invalid) {
      const { topic, partition, offset } = message;
      this.logger.warn(
        { topic, partition, offset, eventId: eventIdOf(message), reason },
        'invalid message stored as a dead letter',
      );
    }
  }
}

/** The event id in a message. Undefined unless it is a UUID: no other text from outside gets into a log or a trace. */
function eventIdOf(message: ConsumedMessage): string | undefined {
  const id = message.header('ce_id');
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Starts a span for an event. */
function startProcessSpan(message: ConsumedMessage): Span | undefined {
  const { topic } = message;
  const eventId = eventIdOf(message);
  return startSpan(`process ${topic}`, 'consumer', readTraceparent(message), {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    ...(eventId === undefined ? {} : { 'invitations.event_id': eventId }),
  });
}
