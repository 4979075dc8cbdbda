import type { Health } from '#libs/platform';

/** Ready while the group's coordinator answers and none of the assigned partitions stands at a chunk that fails. */
export class GroupHealth {
  private readonly standing = new Map<string, string>();
  private silence: NodeJS.Timeout | undefined;

  /** @param silenceMs without an answer for so long, the member is none any more */
  constructor(
    private readonly part: string,
    private readonly silenceMs: number,
    private readonly health: Health,
  ) {}

  joining(): void {
    this.health.set(this.part, false, 'joining the consumer group');
  }

  joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    const assigned = new Set(
      Object.entries(assignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => place(topic, partition)),
      ),
    );
    for (const partition of this.standing.keys()) {
      if (!assigned.has(partition)) this.standing.delete(partition);
    }
    this.heard();
  }

  /** The coordinator has answered. */
  heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.health.set(this.part, false, `no answer from the group's coordinator for ${this.silenceMs} ms`);
    }, this.silenceMs).unref();
    this.report();
  }

  stands(topic: string, partition: number, reason: string): void {
    this.standing.set(place(topic, partition), reason);
    this.report();
  }

  moves(topic: string, partition: number): void {
    if (this.standing.delete(place(topic, partition))) this.report();
  }

  left(reason: string): void {
    clearTimeout(this.silence);
    this.health.set(this.part, false, reason);
  }

  private report(): void {
    const [reason] = this.standing.values();
    this.health.set(this.part, reason === undefined, reason);
  }
}

/** How a partition is named in a message and as a key. */
export const place = (topic: string, partition: number) => `${topic}/${partition}`;
