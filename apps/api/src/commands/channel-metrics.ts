import { Gauge, Histogram, type Registry } from 'prom-client';

/** How a request's wait for its command's outcome ended: it came, it did not in time, or Kafka did not take the command. */
export type Wait = 'known' | 'late' | 'failed';

/** The way of commands through Kafka and back, as requests feel it. Not by command: that is nobody's to count (R29). */
export class ChannelMetrics {
  private readonly duration: Histogram<'wait'>;
  private readonly waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'invitations_command_outcome_seconds',
      help: 'Time from handing a command to Kafka to its outcome',
      labelNames: ['wait'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    for (const wait of ['known', 'late', 'failed']) this.duration.zero({ wait });
    this.waiting = new Gauge({
      name: 'invitations_commands_waiting',
      help: 'Commands whose outcome a request waits for',
      registers,
    });
  }

  /** @returns to be told how it ended */
  begin(): (wait: Wait) => void {
    this.waiting.inc();
    const end = this.duration.startTimer();
    return (wait) => {
      this.waiting.dec();
      end({ wait });
    };
  }
}
