import {
  readDeadLetterOrigin,
  readTopicToEnd,
  type ConsumedMessage,
  type Kafka,
  type MessageOffset,
} from '#libs/kafka';

/** What a dead letter is about. */
export type OriginalMessage = MessageOffset & Pick<ConsumedMessage, 'timestamp'>;

/** Identifies a message by its offset in its topic, and so the dead letter that holds it. */
export const messageKey = ({ topic, partition, offset }: MessageOffset): string =>
  `${topic}/${partition}@${offset}`;

/** Reads the keys of all messages that became dead letters since a time (in milliseconds), or ever. */
type ReadDeadLetteredKeys = (since: number | undefined) => Promise<ReadonlySet<string>>;

/** How far a publisher's clock may be wrong, in milliseconds. A read starts twice as far back, so that it also serves older messages. */
const SKEW_MS = 3_600_000;

interface PublishedLetters {
  readonly since: number;
  readonly keys: ReadonlySet<string>;
}

/**
 * Filters out messages that are in the dead-letter topic already, because the previous owner of the partition may have died
 * between publishing a letter and committing the offset.
 *
 * A process that was paused for longer than its session can still publish a letter late, so readers of the topic identify
 * letters by `dead-letter-{topic,partition,offset}`.
 */
export class DeadLetterDeduplicator {
  private published: Promise<PublishedLetters> | undefined;

  constructor(
    private readonly readKeys: ReadDeadLetteredKeys,
    private readonly now: () => number,
  ) {}

  /** Returns the items whose message has no dead letter yet. A dead letter is always younger than its message. */
  async filterUnpublished<T extends { readonly message: OriginalMessage }>(
    items: readonly T[],
  ): Promise<readonly T[]> {
    if (items.length === 0) return items;
    const oldest = Math.min(...items.map(({ message }) => this.timeOf(message)));
    let published = await (this.published ??= this.load(oldest));
    if (published.since > oldest - SKEW_MS) published = await (this.published = this.load(oldest));
    return items.filter(({ message }) => !published.keys.has(messageKey(message)));
  }

  /** Call this when another process may have published, or when it is unclear whether this process has. */
  invalidate(): void {
    this.published = undefined;
  }

  /** A timestamp in the future is wrong: 0 replaces it, so that the whole topic is read. */
  private timeOf({ timestamp }: OriginalMessage): number {
    return timestamp <= this.now() ? timestamp : 0;
  }

  private load(oldest: number): Promise<PublishedLetters> {
    const since = Math.max(0, oldest - 2 * SKEW_MS);
    const loading: Promise<PublishedLetters> = this.readKeys(since === 0 ? undefined : since).then(
      (keys) => ({ since: since === 0 ? Number.NEGATIVE_INFINITY : since, keys }),
      (error: unknown) => {
        if (this.published === loading) this.published = undefined;
        throw error;
      },
    );
    return loading;
  }
}

/** @param topic of dead letters */
export const readDeadLetteredKeys =
  (kafka: Kafka, topic: string, group: string): ReadDeadLetteredKeys =>
  async (since) => {
    const keys = new Set<string>();
    const options = { groupPrefix: `${group}.look-back`, ...(since === undefined ? {} : { since }) };
    await readTopicToEnd(kafka, topic, options, (letter) => {
      const origin = readDeadLetterOrigin(letter);
      if (origin !== undefined) keys.add(messageKey(origin));
    });
    return keys;
  };
