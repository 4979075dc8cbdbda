import { Counter, Histogram, type Registry } from 'prom-client';

/** Kafka, as whoever publishes finds it. Not by topic: a topic of outcomes is named by whoever asks. */
export class ProducerMetrics {
  private readonly duration: Histogram;
  private readonly messages: Counter;
  private readonly failures: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'invitations_kafka_publish_seconds',
      help: 'Time until every in-sync replica has confirmed a request',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.messages = new Counter({
      name: 'invitations_kafka_messages_published_total',
      help: 'Messages in confirmed requests',
      registers,
    });
    this.failures = new Counter({
      name: 'invitations_kafka_publish_failures_total',
      help: 'Requests that were not confirmed, with all retries of the client',
      registers,
    });
  }

  /** @param beganAt on the clock of `performance.now()` */
  confirmed(beganAt: number, messages: number): void {
    this.duration.observe((performance.now() - beganAt) / 1000);
    this.messages.inc(messages);
  }

  failed(): void {
    this.failures.inc();
  }
}
