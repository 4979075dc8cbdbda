import type { Registry } from 'prom-client';
import { TOPICS } from '#libs/contracts';
import { decoded, type EventStoreDBClient, type LoggedEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import type { Outgoing, Producer } from '#libs/kafka';
import type { Health, Logger, Pool } from '#libs/platform';
import {
  eventLog,
  messagesEffect,
  ProjectionMetrics,
  ProjectionWorker,
  rowsEffect,
  WORKER_DEFAULTS,
  WorkerStatus,
  type Effect,
  type RowProjection,
} from '#libs/projection';
import type { Worker } from './workers.js';

/** What the projections of this process share. */
export interface Surroundings {
  readonly pool: Pool;
  readonly client: EventStoreDBClient;
  readonly producer: Producer;
  readonly health: Health;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly replica: string;
  readonly leaseTtlMs: number;
}

export interface ProjectionWorkers {
  /** Rows in PostgreSQL. */
  readonly rows: <Row extends object>(projection: RowProjection<InvitationEvent, Row>) => Worker;
  /** Messages on Kafka. */
  readonly messages: (name: string, messageAfter: (event: LoggedEvent) => Outgoing | undefined) => Worker;
}

/** Makes workers that follow the log, each by the name of its projection. */
export function projectionWorkers(shared: Surroundings): ProjectionWorkers {
  const { pool, client, producer, health, logger, replica, leaseTtlMs } = shared;
  const metrics = new ProjectionMetrics(shared.registry);
  const log = eventLog(client);
  function worker(projection: string, effect: Effect): Worker {
    const status = new WorkerStatus(projection, health, metrics, logger, () => new Date());
    // Five heartbeats a lease: one that comes late, or fails, costs nothing.
    const settings = { ...WORKER_DEFAULTS, projection, replica, leaseTtlMs, beatMs: leaseTtlMs / 5 };
    return new ProjectionWorker(settings, pool, log, effect, status);
  }
  return {
    rows: (projection) =>
      worker(
        projection.name,
        rowsEffect(projection, (recorded) => decoded(recorded).event),
      ),
    messages: (name, messageAfter) =>
      worker(
        name,
        messagesEffect(
          (recorded) => messageAfter(decoded(recorded)),
          async (messages) => {
            await producer.send(messages);
            logSent(logger, name, messages);
          },
        ),
      ),
  };
}

/** A line for each: where an invitation's way went on from the event store to Kafka. */
function logSent(logger: Logger, projection: string, messages: readonly Outgoing[]): void {
  if (!logger.isLevelEnabled('debug')) return;
  for (const { topic, trace } of messages) {
    const {
      'invitations.correlation_id': correlationId,
      'invitations.event_id': eventId,
      'invitations.command_id': commandId,
    } = trace?.attributes ?? {};
    const id = topic === TOPICS.commands ? { commandId } : { eventId, causationId: commandId };
    logger.debug({ projection, topic, correlationId, ...id }, 'published');
  }
}
