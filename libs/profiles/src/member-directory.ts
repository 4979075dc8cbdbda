import { InvalidDataError, readProfile, type ProfileReadResult, type UsableProfile } from '#libs/contracts';
import type { ConsumedMessage, MessageOffset, PartitionOffsets } from '#libs/kafka';
import type { Logger, Queryable } from '#libs/platform';
import type { ProfileMetrics } from './profile-metrics.js';
import type { ProfileTables } from './profile-tables.js';

/** A profile that was read from a message, with the offset of the message. */
export interface MemberUpdate extends ProfileReadResult, MessageOffset {}

/** Stores the profiles, and deletes the members whose profile is null. */
export type SaveMembers = (
  tx: Queryable,
  profiles: ReadonlyMap<string, UsableProfile | null>,
) => Promise<void>;

/** Applies the messages of the profile service, each once and in the order of its partition (D13). */
export class MemberDirectory {
  private readonly fence: OffsetFence;

  constructor(
    tables: ProfileTables,
    private readonly save: SaveMembers,
    readTopicOffsets: ReadTopicOffsets,
    private readonly metrics: ProfileMetrics,
    private readonly logger: Logger,
  ) {
    this.fence = new OffsetFence(tables, readTopicOffsets, metrics, logger);
  }

  /** @throws InvalidDataError if the message is not a profile; the member must then stay unchanged */
  read(message: ConsumedMessage): MemberUpdate {
    const { topic, partition, offset } = message;
    try {
      return { ...readProfile(message), topic, partition, offset };
    } catch (error) {
      if (error instanceof InvalidDataError) this.metrics.unreadable.inc();
      throw error;
    }
  }

  /** @param updates of one partition, in order */
  async apply(tx: Queryable, updates: readonly MemberUpdate[]): Promise<void> {
    if (updates.length === 0) return;
    const admitted = await this.fence.admit(tx, updates);
    for (const update of admitted) if (update.unusableFields.length > 0) this.reportUnusableFields(update);
    if (admitted.length > 0) await this.save(tx, new Map(admitted.map(({ id, profile }) => [id, profile])));
  }

  private reportUnusableFields({
    id,
    topic,
    partition,
    offset,
    unusableFields,
    profile,
  }: MemberUpdate): void {
    this.metrics.countUnusable(unusableFields);
    this.logger.warn(
      { memberId: id, topic, partition, offset, unusable: unusableFields },
      profile?.email === undefined
        ? 'a profile has no usable address: the member gets no e-mail until the profile service publishes one'
        : 'a profile has unusable fields: the other fields are used; ask the profile service to publish it again',
    );
  }
}

/** Reads the current offsets of the topic from the brokers, by partition. */
export type ReadTopicOffsets = () => Promise<ReadonlyMap<number, PartitionOffsets>>;

/**
 * Admits each message once, and none that precedes an admitted one. A consumer that was paused while another one took over
 * cannot overwrite a newer profile with an older one. Only offsets decide: record timestamps are set by the publisher.
 */
export class OffsetFence {
  constructor(
    private readonly tables: ProfileTables,
    private readonly readTopicOffsets: ReadTopicOffsets,
    private readonly metrics: ProfileMetrics,
    private readonly logger: Logger,
  ) {}

  /**
   * Locks the partition until the transaction ends, so that another consumer waits, and advances the stored offset past
   * these messages in the same transaction.
   * @param messages at least one, of one partition, in order
   * @returns the messages to apply
   */
  async admit<M extends MessageOffset>(tx: Queryable, messages: readonly M[]): Promise<readonly M[]> {
    const { topic, partition } = messages[0]!;
    const next = await this.lock(tx, topic, partition);
    const admitted = (await this.wasRecreated(messages[0]!, next))
      ? messages
      : messages.filter(({ offset }) => BigInt(offset) >= next);
    if (admitted.length < messages.length) this.metrics.fenced.inc(messages.length - admitted.length);
    if (admitted.length > 0) {
      await this.advance(tx, topic, partition, BigInt(admitted.at(-1)!.offset) + 1n);
    }
    return admitted;
  }

  /**
   * Whether the topic was deleted and created again, so that its offsets start at 0. The end of a log never moves back, so
   * an end below the stored offset belongs to another log. The stored offset is locked while the brokers are asked.
   */
  private async wasRecreated({ topic, partition, offset }: MessageOffset, next: bigint): Promise<boolean> {
    if (BigInt(offset) >= next) return false;
    const end = (await this.readTopicOffsets()).get(partition)?.high;
    if (end === undefined || end >= next) return false;
    this.logger.warn(
      { topic, partition, offset, nextOffset: next.toString(), end: end.toString() },
      'the topic of profiles was created again, or has lost its last messages: it is applied from its beginning',
    );
    return true;
  }

  private async lock(tx: Queryable, topic: string, partition: number): Promise<bigint> {
    const { offsets, nextOffsetColumn: column } = this.tables;
    const { rows } = await tx.query<{ next: string }>(
      `INSERT INTO ${offsets} AS o (topic, partition, ${column}) VALUES ($1, $2, 0)
       ON CONFLICT (topic, partition) DO UPDATE SET ${column} = o.${column} RETURNING ${column}::text AS next`,
      [topic, partition],
    );
    return BigInt(rows[0]!.next);
  }

  private async advance(tx: Queryable, topic: string, partition: number, next: bigint): Promise<void> {
    const { offsets, nextOffsetColumn: column } = this.tables;
    await tx.query(`UPDATE ${offsets} SET ${column} = $3 WHERE topic = $1 AND partition = $2`, [
      topic,
      partition,
      next.toString(),
    ]);
  }
}
