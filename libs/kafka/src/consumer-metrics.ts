import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Rate, errors and duration of what is consumed, what is under way, and what waits. Once a chunk, not once a message. */
export class ConsumerMetrics {
  private readonly messages: Counter<'topic'>;
  private readonly failures: Counter<'topic'>;
  private readonly duration: Histogram<'topic'>;
  private readonly inFlight: Gauge<'topic'>;
  private readonly lag: Gauge<'topic' | 'partition'>;

  /** @param nameOf what a topic is called in the label, where its own name is one of too many */
  constructor(
    registry: Registry,
    private readonly nameOf: (topic: string) => string = (topic) => topic,
  ) {
    const about = { labelNames: ['topic'] as const, registers: [registry] };
    this.messages = new Counter({
      name: 'invitations_kafka_messages_handled_total',
      help: 'Messages whose effects are durable',
      ...about,
    });
    this.failures = new Counter({
      name: 'invitations_kafka_chunk_failures_total',
      help: 'Chunks that failed and come again: an outage of what they need',
      ...about,
    });
    this.duration = new Histogram({
      name: 'invitations_kafka_chunk_seconds',
      help: 'Time to carry out a chunk of messages of one partition',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      ...about,
    });
    this.inFlight = new Gauge({
      name: 'invitations_kafka_messages_in_flight',
      help: 'Messages of chunks that are being carried out',
      ...about,
    });
    this.lag = new Gauge({
      name: 'invitations_kafka_lag_messages',
      help: 'Messages behind the last one carried out, as of the last fetch that had any; of partitions that this process has',
      labelNames: ['topic', 'partition'],
      registers: [registry],
    });
  }

  /** Series that are there from the beginning show that nothing has happened. */
  expect(topics: readonly string[]): void {
    for (const topic of topics.map(this.nameOf)) {
      this.messages.inc({ topic }, 0);
      this.failures.inc({ topic }, 0);
      this.inFlight.set({ topic }, 0);
    }
  }

  /** Partitions were given out anew: what others have now is theirs to tell. */
  assigned(): void {
    this.lag.reset();
  }

  /** @returns to be told how it ended */
  begin(topic: string, messages: number): (isDone: boolean) => void {
    const labels = { topic: this.nameOf(topic) };
    const beganAt = performance.now();
    this.inFlight.inc(labels, messages);
    return (isDone) => {
      this.inFlight.dec(labels, messages);
      if (!isDone) return this.failures.inc(labels);
      this.duration.observe(labels, (performance.now() - beganAt) / 1000);
      return this.messages.inc(labels, messages);
    };
  }

  /** @param highWatermark the offset behind the partition's last message */
  reached(topic: string, partition: number, offset: string, highWatermark: string): void {
    const left = Number(BigInt(highWatermark) - BigInt(offset) - 1n);
    this.lag.set({ topic: this.nameOf(topic), partition }, Math.max(0, left));
  }
}
