import { Inject, Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { findErased, type AuthorTextOpener } from '#libs/author-keys';
import { RestoredLogReporter } from '#libs/command-outcomes';
import { decodeEvent, type RawEvent, type RenewingClient, type StoredEvent } from '#libs/event-store';
import { isMessageTooLarge, Producer, type ProducerMessage } from '#libs/kafka';
import { Health, type Logger, type Pool } from '#libs/platform';
import {
  EventHandlingError,
  createEventLog,
  messageSink,
  ProjectionMetrics,
  ProjectionWorker,
  tableSink,
  WORKER_DEFAULTS,
  WorkerStatus,
  type EventLog,
  type MessagePages,
  type Sink,
  type RowProjection,
} from '#libs/projection';
import { LOGGER, POOL } from '#libs/service';
import { ProjectorConfig } from './config.js';
import type { Worker } from './workers.js';

export const EVENT_STORE = Symbol('event store');

/** What decrypts the texts of events. */
export const TEXT_OPENER = Symbol('text opener');

/** A unique id of this process; a restarted process has another one. */
export const REPLICA = Symbol('replica');

/** Creates the workers that run projections. */
@Injectable()
export class ProjectionWorkers {
  private readonly log: EventLog;
  private readonly metrics: ProjectionMetrics;

  constructor(
    private readonly config: ProjectorConfig,
    @Inject(REPLICA) private readonly replica: string,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(EVENT_STORE) client: RenewingClient,
    private readonly producer: Producer,
    private readonly health: Health,
    registry: Registry,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(TEXT_OPENER) private readonly texts: AuthorTextOpener,
  ) {
    this.log = createEventLog(() => client.current);
    this.metrics = new ProjectionMetrics(registry);
  }

  /**
   * Creates a worker that writes rows to PostgreSQL.
   * @param needsTexts whether the rows hold messages or replies, which are then decrypted
   */
  rows<Event, Row extends object>(
    projection: RowProjection<Event, Row>,
    decode: (raw: RawEvent) => Event,
    needsTexts = false,
  ): Worker {
    const { texts } = this;
    const prepare = needsTexts ? texts.openOrFail.bind(texts) : undefined;
    return this.create(projection.name, tableSink(projection, decode, prepare, findErased));
  }

  /**
   * Creates a worker that sends messages to Kafka.
   * @param name of the projection, under which its checkpoints are stored
   * @param needsTexts whether the messages hold texts of members, which are then decrypted
   * @param pagesAfter for events with more messages than fit into one batch
   */
  messages(
    name: string,
    messageAfter: (event: StoredEvent) => ProducerMessage | undefined,
    needsTexts = false,
    pagesAfter?: (raw: RawEvent) => MessagePages<ProducerMessage> | undefined,
  ): Worker {
    const prepare = needsTexts
      ? (events: readonly RawEvent[]) => this.texts.openOrFail(this.pool, events)
      : undefined;
    const send = async (messages: readonly ProducerMessage[]) => {
      await sendAll(this.producer, messages);
      logPublished(this.logger, name, messages);
    };
    return this.create(
      name,
      messageSink((raw) => messageAfter(decodeEvent(raw)), send, prepare, pagesAfter),
    );
  }

  private create(projection: string, sink: Sink): Worker {
    const { replica, logger, health, metrics, pool, log } = this;
    const leaseTtlMs = this.config.LEASE_TTL;
    const reports = new RestoredLogReporter(pool, projection, logger);
    const status = new WorkerStatus(projection, health, metrics, logger, () => new Date(), reports);
    // Five heartbeats per lease: a single one may be late or fail without losing the lease.
    const settings = { ...WORKER_DEFAULTS, projection, replica, leaseTtlMs, heartbeatMs: leaseTtlMs / 5 };
    return new ProjectionWorker(settings, pool, log, sink, status);
  }
}

/**
 * A message above the topic's size limit fails at every attempt, so it counts as a failure of its event and only that
 * event's account is parked. The producer sends a nearly as large message in a request of its own, so the broker's
 * rejection applies to no other message.
 * @throws EventHandlingError
 */
async function sendAll(producer: Producer, messages: readonly ProducerMessage[]): Promise<void> {
  try {
    await producer.send(messages);
  } catch (error) {
    throw isMessageTooLarge(error) ? new EventHandlingError(error) : error;
  }
}

/** Logs each message, so that an invitation can be followed from the event store to Kafka. */
function logPublished(logger: Logger, projection: string, messages: readonly ProducerMessage[]): void {
  if (!logger.isLevelEnabled('debug')) return;
  for (const { topic, trace } of messages) {
    const {
      'invitations.correlation_id': correlationId,
      'invitations.event_id': eventId,
      'invitations.command_id': commandId,
    } = trace?.attributes ?? {};
    const id = eventId === undefined ? { commandId } : { eventId, causationId: commandId };
    logger.debug({ projection, topic, correlationId, ...id }, 'published');
  }
}
