import { Inject, Injectable } from '@nestjs/common';
import { recordPartitionCount } from '#libs/command-topic';
import { Topics } from '#libs/contracts';
import { countPartitions, type Kafka } from '#libs/kafka';
import { Health, type Fatal, type Logger, type Pool } from '#libs/platform';
import { FATAL, KAFKA, LOGGER, POOL } from '#libs/service';
import { waitForStartCheck } from './start-check.js';
import { DATABASE, KAFKA_BROKERS, withDependency } from './with-dependency.js';

const COMPONENT = 'kafka:partitions';

/** The topic of commands has a different number of partitions than at the first start. */
class PartitionCountError extends Error {
  override readonly name = 'PartitionCountError';

  constructor(topic: string, found: number, recorded: number) {
    super(
      `${topic} has ${found} partitions, but had ${recorded} at the first start: commands of one account could ` +
        'overtake each other. If the change is meant, stop all publishers and run ' +
        `UPDATE read_models.topic_partitions SET partitions = ${found} WHERE topic = '${topic}'; ` +
        'then start this app, and the publishers once its lag is 0 (deploy/README.md, Topics)',
    );
  }
}

/** Compares the number of partitions of the topic of commands with the number at the first start. */
@Injectable()
export class PartitionCountCheck {
  constructor(
    private readonly topics: Topics,
    @Inject(KAFKA) private readonly kafka: Kafka,
    @Inject(POOL) private readonly pool: Pool,
    private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(FATAL) private readonly fatal: Fatal,
  ) {}

  /** @throws PartitionCountError */
  waitUntilChecked(): Promise<void> {
    const start = {
      component: COMPONENT,
      check: () => this.check(),
      failure: PartitionCountError,
      unchecked: `cannot count the partitions of ${this.topics.commands}`,
    };
    return waitForStartCheck(start, this.health, this.logger);
  }

  /** Checks again in the background, because a rebalance may be caused by new partitions. */
  recheck(): void {
    this.check().catch((error: unknown) => {
      if (error instanceof PartitionCountError) this.fatal(error.message, error);
      else
        this.logger.warn(
          { err: error },
          `could not count the partitions of ${this.topics.commands}; the next rebalance checks them again`,
        );
    });
  }

  private async check(): Promise<void> {
    const { commands } = this.topics;
    const found = await withDependency(KAFKA_BROKERS, countPartitions(this.kafka, commands));
    const recorded = await withDependency(DATABASE, recordPartitionCount(this.pool, commands, found));
    if (found !== recorded) throw new PartitionCountError(commands, found, recorded);
  }
}
