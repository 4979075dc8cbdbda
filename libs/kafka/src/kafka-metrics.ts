import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Rate, errors and duration of consumed batches, messages in flight, and lag. Updated once a batch, not once a message. */
export class ConsumerMetrics {
  private readonly messages: Counter<'topic'>;
  private readonly failures: Counter<'topic'>;
  private readonly undecodable: Counter<'topic'>;
  private readonly duration: Histogram<'topic'>;
  private readonly inFlight: Gauge<'topic'>;
  private readonly lag: Gauge<'topic' | 'partition'>;

  /** @param labelOf the label of a topic, for topics whose names would make too many series */
  constructor(
    registry: Registry,
    private readonly labelOf: (topic: string) => string = (topic) => topic,
  ) {
    const options = { labelNames: ['topic'] as const, registers: [registry] };
    this.messages = new Counter({
      name: 'invitations_kafka_messages_handled_total',
      help: 'Messages whose effects are durable',
      ...options,
    });
    this.failures = new Counter({
      name: 'invitations_kafka_chunk_failures_total',
      help: 'Batches that failed and are retried, because a server that they need is out of order',
      ...options,
    });
    this.undecodable = new Counter({
      name: 'invitations_kafka_undecodable_batches_total',
      help: 'Record batches that were skipped because they cannot be decoded: too large, corrupt, or of an unknown codec',
      ...options,
    });
    this.duration = new Histogram({
      name: 'invitations_kafka_chunk_seconds',
      help: 'Time to handle a batch of messages of one partition',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      ...options,
    });
    this.inFlight = new Gauge({
      name: 'invitations_kafka_messages_in_flight',
      help: 'Messages of batches that are being handled',
      ...options,
    });
    this.lag = new Gauge({
      name: 'invitations_kafka_lag_messages',
      help: 'Messages after the last one handled, as of the last fetch that returned any, for each partition assigned to this process',
      labelNames: ['topic', 'partition'],
      registers: [registry],
    });
  }

  /** Creates the series at zero, so that a rate over them is defined before the first message. */
  initialize(topics: readonly string[]): void {
    for (const topic of topics.map(this.labelOf)) {
      this.messages.inc({ topic }, 0);
      this.failures.inc({ topic }, 0);
      this.undecodable.inc({ topic }, 0);
      this.inFlight.set({ topic }, 0);
    }
  }

  /** Called after a rebalance: partitions that moved to another member are reported by that member. */
  resetLag(): void {
    this.lag.reset();
  }

  /** @returns a function to call when the batch has succeeded or failed */
  startBatch(topic: string, messages: number): (succeeded: boolean) => void {
    const labels = { topic: this.labelOf(topic) };
    const startedAt = performance.now();
    this.inFlight.inc(labels, messages);
    return (succeeded) => {
      this.inFlight.dec(labels, messages);
      if (!succeeded) return this.failures.inc(labels);
      this.duration.observe(labels, (performance.now() - startedAt) / 1000);
      return this.messages.inc(labels, messages);
    };
  }

  countUndecodableBatch(topic: string): void {
    this.undecodable.inc({ topic: this.labelOf(topic) });
  }

  /** @param highWatermark the offset after the partition's last message */
  setLag(topic: string, partition: number, offset: string, highWatermark: string): void {
    const left = Number(BigInt(highWatermark) - BigInt(offset) - 1n);
    this.lag.set({ topic: this.labelOf(topic), partition }, Math.max(0, left));
  }
}

/** Publish latency, rate and failures. Has no topic label: other services choose the names of reply topics. */
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
      help: 'Requests that were not confirmed after all retries of the client',
      registers,
    });
  }

  /** @param startedAt as returned by `performance.now()` */
  recordConfirmed(startedAt: number, messages: number): void {
    this.duration.observe((performance.now() - startedAt) / 1000);
    this.messages.inc(messages);
  }

  recordFailed(): void {
    this.failures.inc();
  }
}
