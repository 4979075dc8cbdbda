import { setTimeout as sleep } from 'node:timers/promises';
import { TopicOffsets, type Kafka } from '#libs/kafka';
import type { Health, Logger, Pool } from '#libs/platform';
import type { ProfileMetrics } from './profile-metrics.js';
import type { ProfileTables } from './profile-tables.js';
import { sweepMembers, type Sweep } from './sweep-members.js';

export interface MemberSweeperSettings {
  readonly tables: ProfileTables;
  readonly topic: string;
  /** The consumer group with which the app reads the topic. */
  readonly groupId: string;
  /** The interval between two sweeps, in milliseconds. */
  readonly intervalMs: number;
  /** The command with which an operator removes members although the sweep was refused. */
  readonly command: string;
}

const COMPONENT = 'members-sweep';

/** How often a replica checks whether a sweep is due. */
const CHECK_INTERVAL_MS = 60_000;

/**
 * Sweeps the members once per interval, and after the offsets of the group were reset or stored by an older version. Every
 * replica runs one, and one of them sweeps at a time.
 */
export class MemberSweeper {
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: MemberSweeperSettings,
    private readonly kafka: Kafka,
    private readonly pool: Pool,
    private readonly metrics: ProfileMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {}

  /** Must return before the app joins its group, because it reads the committed offsets of the group. */
  async start(): Promise<void> {
    await this.requestSweepAfterReset();
    this.health.set(COMPONENT, true);
    this.running = this.run();
  }

  /** Aborts a sweep in progress, which then removes no one. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  /**
   * Requests a sweep if the group may have missed messages. Its committed offset is below an applied one if an operator has
   * reset it or a process died between the two. It is below the first remaining message if retention deleted messages that
   * the group had not read.
   */
  private async requestSweepAfterReset(): Promise<void> {
    const { tables, topic } = this.settings;
    const { rows } = await this.pool.query<{ partition: number; next: string }>(
      `SELECT partition, ${tables.nextOffsetColumn}::text AS next FROM ${tables.offsets} WHERE topic = $1`,
      [topic],
    );
    const applied = new Map(rows.map(({ partition, next }) => [partition, BigInt(next)]));
    // There are no applied offsets at the first start, or after an operator has deleted them.
    if (applied.size === 0 || (await this.mayHaveMissedMessages(applied))) {
      await this.pool.query(`UPDATE ${tables.sweeps} SET finished_at = NULL WHERE topic = $1`, [topic]);
    }
  }

  private async mayHaveMissedMessages(applied: ReadonlyMap<number, bigint>): Promise<boolean> {
    const { topic, groupId } = this.settings;
    const offsets = new TopicOffsets(this.kafka, topic);
    try {
      const [partitions, committed] = await Promise.all([offsets.read(), offsets.readCommitted(groupId)]);
      return [...partitions].some(([partition, { low }]) => {
        const next = committed.get(partition) ?? 0n;
        return next < low || next < (applied.get(partition) ?? 0n);
      });
    } catch (error) {
      this.logger.warn(
        { err: error, groupId, topic },
        "reading the consumer group's offsets failed: the whole topic of profiles is read to find missing members",
      );
      return true;
    } finally {
      await offsets.close();
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        if (await this.isDue()) await this.sweep();
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn(
          { err: error },
          'the topic of profiles could not be read whole: no member was removed; the next attempt is in a minute',
        );
      }
      await sleep(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async isDue(): Promise<boolean> {
    const { tables, topic, intervalMs } = this.settings;
    const { rows } = await this.pool.query<{ due: boolean }>(
      `SELECT finished_at IS NULL OR finished_at < now() - $2 * interval '1 millisecond' AS due
       FROM ${tables.sweeps} WHERE topic = $1`,
      [topic, intervalMs],
    );
    return rows[0]?.due ?? true;
  }

  private async sweep(): Promise<void> {
    const { tables, topic, groupId } = this.settings;
    const settings = { tables, topic, groupPrefix: `${groupId}.sweep`, signal: this.stopped.signal };
    this.report(await sweepMembers(this.kafka, this.pool, settings));
  }

  private report({ outcome, kept, missing, removed, reason }: Sweep): void {
    const { topic, command } = this.settings;
    if (outcome === 'busy') return;
    this.metrics.sweepRefused.set(outcome === 'refused' ? 1 : 0);
    if (outcome === 'refused') {
      this.logger.error(
        { topic, kept, missing, reason },
        `members are missing in the topic of profiles, and none was removed: ask the profile service to publish all profiles, or remove the members with ${command}`,
      );
      return this.health.degrade(COMPONENT, `${missing} members are missing in ${topic}: ${reason}`);
    }
    this.metrics.swept.inc(removed);
    this.health.set(COMPONENT, true);
    const line = { topic, kept, removed };
    if (removed > 0) this.logger.warn(line, 'removed members that are no longer in the topic of profiles');
    else this.logger.info(line, 'all members are in the topic of profiles');
  }
}
