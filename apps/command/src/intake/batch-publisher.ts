import { Inject, Injectable } from '@nestjs/common';
import {
  cloudEventHeaders,
  CLOUD_EVENT_SOURCE,
  Topics,
  type CommandOutcome,
  type OutcomeCode,
} from '#libs/contracts';
import {
  toDeadLetter,
  toDeadLetterOfBatch,
  toDeadLetterWithoutContent,
  isMessageTooLarge,
  brokerErrorType,
  Producer,
  type ProducerMessage,
  type UndecodableBatch,
} from '#libs/kafka';
import type { Logger } from '#libs/platform';
import { LOGGER } from '#libs/service';
import { KAFKA_BROKERS, withDependency } from '../with-dependency.js';
import { DeadLetterDeduplicator, messageKey, type OriginalMessage } from './dead-letter-deduplicator.js';
import type { UnprocessableMessage } from './parse-batch.js';
import { ReplyTopicBreaker } from './reply-topic-breaker.js';

/** Separate, because the dead-letter topic may reject a letter, and with it all messages of the same request. */
export const DEAD_LETTER_PRODUCER = Symbol('dead-letter producer');

/** The response to a command, for one of its reply topics. */
export interface AddressedResponse {
  readonly topic: string;
  /** As the publisher of the command wrote it. */
  readonly commandId: string;
  /** Undefined if the command was accepted. */
  readonly code: OutcomeCode | undefined;
  /** Only with `INVALID_COMMAND`. */
  readonly reason?: string | undefined;
}

interface Letter {
  /** The message that the letter is about. */
  readonly message: OriginalMessage;
  readonly outgoing: ProducerMessage;
  readonly withoutContent: () => ProducerMessage;
}

/** What was already published for a failing batch, which Kafka delivers again. */
interface PublishedKeys {
  readonly responses: Set<string>;
  readonly letters: Set<string>;
}

/**
 * Publishes the responses and dead letters of a batch. Each kind has a producer of its own, and a failure of one does not
 * repeat the other when the batch is delivered again. Only a crash in between repeats messages.
 */
@Injectable()
export class BatchPublisher {
  /** By partition, while its batch fails. */
  private readonly published = new Map<string, PublishedKeys>();

  constructor(
    private readonly topics: Topics,
    @Inject(Producer) private readonly responseProducer: Pick<Producer, 'send'>,
    @Inject(DEAD_LETTER_PRODUCER) private readonly letterProducer: Pick<Producer, 'send'>,
    private readonly replyTopics: ReplyTopicBreaker,
    private readonly deduplicator: DeadLetterDeduplicator,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param partition `<topic>/<partition>` */
  async publish(
    partition: string,
    responses: readonly AddressedResponse[],
    unprocessable: readonly UnprocessableMessage[],
    at: Date,
  ): Promise<void> {
    const letters = unprocessable.map(({ message, reason }) => ({
      message,
      outgoing: toDeadLetter(message, this.topics.deadLetters, reason, at),
      withoutContent: () => toDeadLetterWithoutContent(message, this.topics.deadLetters, reason, at),
    }));
    const published = this.publishedOf(partition);
    // Responses are sent even if the dead-letter topic is missing or rejects a letter.
    const [lettersSent] = await Promise.allSettled([this.sendLetters(letters, published)]);
    await this.sendResponses(responses, published, at);
    if (lettersSent.status === 'rejected') throw lettersSent.reason;
    this.published.delete(partition);
    for (const one of unprocessable) this.logDeadLetter(one);
  }

  /** Publishes the one dead letter of a batch that cannot be decoded. */
  async publishBatch(batch: UndecodableBatch, at: Date): Promise<void> {
    const outgoing = toDeadLetterOfBatch(batch, this.topics.deadLetters, at);
    const letter = {
      message: { ...batch, offset: batch.firstOffset },
      outgoing,
      withoutContent: () => outgoing,
    };
    await this.sendLetters([letter], { responses: new Set(), letters: new Set() });
  }

  /** Call this after a rebalance: other processes may have published meanwhile. */
  invalidate(): void {
    this.published.clear();
    this.deduplicator.invalidate();
  }

  private publishedOf(partition: string): PublishedKeys {
    let published = this.published.get(partition);
    if (published === undefined) {
      published = { responses: new Set(), letters: new Set() };
      this.published.set(partition, published);
    }
    return published;
  }

  private logDeadLetter({ message, reason, commandId, undecided }: UnprocessableMessage): void {
    const { topic, partition, offset } = message;
    this.logger.warn(
      { topic, partition, offset, commandId, reason },
      undecided === true
        ? 'command sent to the dead-letter topic: this version cannot read its account'
        : 'invalid command sent to the dead-letter topic',
    );
  }

  private async sendResponses(
    responses: readonly AddressedResponse[],
    { responses: sent }: PublishedKeys,
    at: Date,
  ): Promise<void> {
    const unsent = responses.filter((response) => !sent.has(keyOf(response)));
    const topics = new Set(unsent.map(({ topic }) => topic));
    const usable = await withDependency(KAFKA_BROKERS, this.replyTopics.filterUsable(topics));
    const sendable = unsent.filter(({ topic }) => usable.has(topic));
    try {
      await withDependency(KAFKA_BROKERS, this.responseProducer.send(toOutgoing(sendable, at)));
      for (const response of sendable) sent.add(keyOf(response));
      this.replyTopics.recordSuccess(sendable.map(({ topic }) => topic));
    } catch (error) {
      this.replyTopics.invalidate();
      if (brokerErrorType(error) === undefined) throw error;
      await this.sendByTopic(sendable, sent, at);
    }
  }

  /** Sends to each topic on its own, so that a topic that rejects messages does not hold up the others. */
  private async sendByTopic(
    responses: readonly AddressedResponse[],
    sent: Set<string>,
    at: Date,
  ): Promise<void> {
    let firstError: unknown;
    for (const [topic, ofTopic] of Map.groupBy(responses, (response) => response.topic)) {
      try {
        await withDependency(`the topic ${topic}`, this.responseProducer.send(toOutgoing(ofTopic, at)));
        for (const response of ofTopic) sent.add(keyOf(response));
        this.replyTopics.recordSuccess([topic]);
      } catch (error) {
        const refusal = brokerErrorType(error);
        if (refusal === undefined) throw error;
        if (!this.replyTopics.recordFailure(topic, refusal)) firstError ??= error;
      }
    }
    if (firstError !== undefined) throw firstError;
  }

  private async sendLetters(letters: readonly Letter[], { letters: sent }: PublishedKeys): Promise<void> {
    const unsent = letters.filter(({ message }) => !sent.has(messageKey(message)));
    const unpublished = await withDependency(KAFKA_BROKERS, this.deduplicator.filterUnpublished(unsent));
    try {
      await this.sendToDeadLetters(unpublished.map(({ outgoing }) => outgoing));
      for (const { message } of unpublished) sent.add(messageKey(message));
    } catch (error) {
      this.deduplicator.invalidate();
      if (!isMessageTooLarge(error)) throw error;
      // The letters of other partitions may have been written.
      const remaining = await withDependency(KAFKA_BROKERS, this.deduplicator.filterUnpublished(unpublished));
      await this.sendOneByOne(remaining, sent);
    }
  }

  /** A letter that is too large is sent without its content, with the offset of its message only. */
  private async sendOneByOne(letters: readonly Letter[], sent: Set<string>): Promise<void> {
    for (const { message, outgoing, withoutContent } of letters) {
      try {
        await this.sendToDeadLetters([outgoing]);
      } catch (error) {
        this.deduplicator.invalidate();
        if (!isMessageTooLarge(error)) throw error;
        await this.sendToDeadLetters([withoutContent()]);
      }
      sent.add(messageKey(message));
    }
  }

  private sendToDeadLetters(outgoing: readonly ProducerMessage[]): Promise<void> {
    return this.letterProducer.send(outgoing).catch((error: unknown) => {
      const server =
        brokerErrorType(error) === undefined ? KAFKA_BROKERS : `the topic ${this.topics.deadLetters}`;
      return withDependency(server, Promise.reject(error as Error));
    });
  }
}

const keyOf = ({ topic, commandId, code }: AddressedResponse) => `${topic} ${commandId} ${code ?? ''}`;

const toOutgoing = (responses: readonly AddressedResponse[], at: Date): ProducerMessage[] =>
  responses.map(({ topic, commandId, code, reason }) =>
    outcomeMessage(topic, commandId, code, at.toISOString(), reason),
  );

/**
 * The message with a command's outcome: the command's id, the outcome, and nothing else (D1).
 * @param code undefined if the command was accepted
 * @param reason only with `INVALID_COMMAND`
 */
export function outcomeMessage(
  topic: string,
  commandId: string,
  code: OutcomeCode | undefined,
  time: string,
  reason?: string,
): ProducerMessage {
  const outcome: CommandOutcome =
    code === undefined ? { commandId, outcome: 'accepted' } : { commandId, outcome: 'refused', code, reason };
  return {
    topic,
    key: commandId,
    value: JSON.stringify(outcome),
    headers: cloudEventHeaders({
      id: commandId,
      type: 'invitations.outcome.v1',
      source: CLOUD_EVENT_SOURCE,
      time,
      subject: commandId,
    }),
  };
}
