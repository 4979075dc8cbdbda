import type { Incoming } from '#libs/kafka';

/** Where a message stood in its topic: what tells one dead letter from another. */
export const placeOf = ({ topic, partition, offset }: Pick<Incoming, 'topic' | 'partition' | 'offset'>) =>
  `${topic}/${partition}@${offset}`;

/** Gives the places of the messages that were set aside since a time, or ever. */
export type ReadPlaces = (since: number | undefined) => Promise<ReadonlySet<string>>;

/** How far a publisher's clock may be ahead of ours, twice: for the message asked about, and for older ones to come. */
const SKEW_MS = 3_600_000;

interface Known {
  readonly since: number;
  readonly places: ReadonlySet<string>;
}

/**
 * Keeps a message out of the dead-letter topic that is there already: whoever had its partition before may have died
 * between publishing it and committing its offset. What this process publishes itself it commits, or it asks anew.
 *
 * One that was not dead but paused, for longer than its session, can still publish a letter late; so who reads the
 * topic tells letters apart by their `dead-letter-{topic,partition,offset}`.
 */
export class PublishedDeadLetters {
  private known: Promise<Known> | undefined;

  constructor(
    private readonly read: ReadPlaces,
    private readonly now: () => number,
  ) {}

  /** Those of the messages that have no dead letter yet. A dead letter is younger than its message. */
  async missing<T extends { readonly message: Incoming }>(poison: readonly T[]): Promise<readonly T[]> {
    if (poison.length === 0) return poison;
    const oldest = Math.min(...poison.map(({ message }) => this.timeOf(message)));
    let known = await (this.known ??= this.look(oldest));
    if (known.since > oldest - SKEW_MS) known = await (this.known = this.look(oldest));
    return poison.filter(({ message }) => !known.places.has(placeOf(message)));
  }

  /** To be called when others may have published, or when it is unclear whether this process has. */
  forget(): void {
    this.known = undefined;
  }

  /** A time in the future is no time: then everything is read. */
  private timeOf({ timestamp }: Incoming): number {
    return timestamp <= this.now() ? timestamp : 0;
  }

  private look(oldest: number): Promise<Known> {
    const since = Math.max(0, oldest - 2 * SKEW_MS);
    const looking: Promise<Known> = this.read(since === 0 ? undefined : since).then(
      (places) => ({ since: since === 0 ? Number.NEGATIVE_INFINITY : since, places }),
      (error: unknown) => {
        if (this.known === looking) this.known = undefined;
        throw error;
      },
    );
    return looking;
  }
}
