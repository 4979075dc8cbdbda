import type { Kafka } from 'kafkajs';
import { Backoff, type Health, type Logger } from '#libs/platform';
import { findMissingRights } from './find-missing-rights.js';
import { describeRight, type KafkaRight } from './kafka-right.js';

const COMPONENT = 'kafka:rights';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/**
 * Whether this process may do with topics and groups what it needs. Without it, a missing right would show as a consumer that
 * crashes or as messages that are not sent, in words that do not say what to grant.
 */
export class KafkaRightsCheck {
  /** @param principal for the log */
  constructor(
    private readonly kafka: Kafka,
    private readonly principal: string,
    private readonly rights: readonly KafkaRight[],
    private readonly health: Health,
    private readonly logger: Logger,
  ) {}

  /**
   * Waits until the rights are granted, and is not ready and says what is missing meanwhile: ending the process would not help.
   * Returns at once if the brokers cannot be asked: then the app's own clients report why.
   * @param onMissing called once if rights are missing, before waiting
   */
  async waitUntilGranted(onMissing?: () => Promise<void>): Promise<void> {
    const backoff = new Backoff(FIRST_RETRY_MS, MAX_RETRY_MS);
    let reported: string | undefined;
    for (;;) {
      const missing = await this.findMissing();
      if (missing.length === 0) {
        if (reported !== undefined) {
          this.logger.info(`Kafka now grants ${this.principal} every right that was missing`);
          this.health.set(COMPONENT, true);
        }
        return;
      }
      const list = missing.map(describeRight).join('; ');
      const detail = `Kafka does not allow ${this.principal}: ${list}`;
      this.health.set(COMPONENT, false, detail);
      if (reported === undefined) await onMissing?.();
      if (reported !== detail) {
        const action =
          'add these ACLs (docs/secure-connections.md, Rights); the app waits for them and then starts its work';
        this.logger.error(`${detail}; ${action}`);
      }
      reported = detail;
      await backoff.wait();
    }
  }

  private async findMissing(): Promise<readonly KafkaRight[]> {
    try {
      return await findMissingRights(this.kafka, this.rights);
    } catch (error) {
      this.logger.debug({ err: error }, 'the rights in Kafka could not be checked');
      return [];
    }
  }
}
