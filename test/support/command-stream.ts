import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from 'kafkajs';
import { expectOneEffectEach } from './effects.js';
import type { PublishingService } from './publisher.js';
import type { Standalone } from './standalone.js';
import { until } from './until.js';

/**
 * Number of commands published at once, and the pause after them in milliseconds, so that the load lasts during a
 * disruption.
 */
const BATCH = 5;
const PAUSE_MS = 100;

/** After an outage, Java may take a while to start a broker. */
const OUTCOME_WITHIN_MS = 180_000;

const INVITERS = 48;

/** Publishes commands of many members while something happens to the servers. */
export class CommandStream {
  private readonly prefix = `s${randomUUID().slice(0, 8)}-`;
  private readonly inviters = Array.from({ length: INVITERS }, (_, n) => `${this.prefix}${n}`);
  private readonly recipients = Array.from({ length: 8 }, () => randomUUID());
  private readonly ids: string[] = [];

  constructor(
    private readonly standalone: Standalone,
    private readonly service: PublishingService,
  ) {}

  /** Publishes a quarter of the commands before the disruption, half of them during it, and a quarter after it. */
  async through(happening: () => Promise<unknown>): Promise<void> {
    await this.introduce();
    const commands = this.inviters.flatMap((inviterId) =>
      this.recipients.map((recipientId) => {
        const id = randomUUID();
        this.ids.push(id);
        return this.service.command('send', { inviterId, recipientId }, id);
      }),
    );
    const quarter = commands.length / 4;
    await this.publish(commands.slice(0, quarter));
    await Promise.all([this.publish(commands.slice(quarter, -quarter)), happening()]);
    await this.publish(commands.slice(-quarter));
  }

  /** D10: every command has one outcome, in whatever number of replies, and one effect. */
  async expectOneOutcomeEach(): Promise<void> {
    for (const id of this.ids) {
      const outcome = await this.service.outcomeOf(id, OUTCOME_WITHIN_MS);
      assert.deepEqual(outcome, { commandId: id, outcome: 'accepted' });
    }
    const mine = new Set(this.ids);
    const answers = this.service.answers.filter(({ outcome }) => mine.has(outcome.commandId));
    assert.deepEqual(
      answers.filter(({ outcome }) => outcome.outcome !== 'accepted'),
      [],
    );
    await expectOneEffectEach(this.standalone, this.prefix, this.inviters, this.recipients);
  }

  private async introduce(): Promise<void> {
    await this.service.members(...this.inviters, ...this.recipients);
    await this.service.untilKnown(...this.recipients);
  }

  /** Publishes failed messages again, as a reliable service does. */
  private async publish(commands: readonly Message[]): Promise<void> {
    for (let from = 0; from < commands.length; from += BATCH) {
      const batch = commands.slice(from, from + BATCH);
      await until(
        async () => {
          try {
            await this.service.publish('invitations.commands', batch);
            return true;
          } catch {
            return false;
          }
        },
        OUTCOME_WITHIN_MS,
        'a batch on Kafka',
      );
      await sleep(PAUSE_MS);
    }
  }
}
