import type { RawEvent } from '#libs/event-store/read-only';

/** An event id that a stream contains more than once. */
export interface DuplicateEvent {
  readonly accountId: string;
  readonly id: string;
  readonly type: string;
  /** The revisions at which the stream contains it. */
  readonly revisions: readonly string[];
}

/** Finds event ids that a stream contains more than once, with about 24 bytes of memory for each event. */
export class DuplicateEventFinder {
  private readonly seen = new NumberSet();
  /** The owners of streams that contain an event whose id was seen before, perhaps in another stream. */
  private readonly suspects = new Set<string>();

  add({ id, accountId }: RawEvent): void {
    if (!this.seen.add(prefixOf(id))) this.suspects.add(accountId);
  }

  /** @param readAccount returns the events of an account's stream, or undefined if the stream was deleted permanently */
  async findDuplicates(
    readAccount: (accountId: string) => Promise<readonly RawEvent[] | undefined>,
  ): Promise<readonly DuplicateEvent[]> {
    const found: DuplicateEvent[] = [];
    const owners = [...this.suspects].toSorted();
    for (const accountId of owners) {
      for (const [id, events] of Map.groupBy((await readAccount(accountId)) ?? [], (event) => event.id)) {
        if (events.length === 1) continue;
        const revisions = events.map(({ revision }) => String(revision));
        found.push({ accountId, id, type: events[0]!.type, revisions });
      }
    }
    return found;
  }
}

/** The first 48 bits of a UUID. Ids that share them are told apart when the streams of suspects are read. */
const prefixOf = (id: string): number =>
  Number.parseInt(id.slice(0, 8), 16) * 2 ** 16 + Number.parseInt(id.slice(9, 13), 16);

/** A set of numbers with open addressing: a Set takes several times as much memory. */
class NumberSet {
  /** A slot is 0, or a number plus 1. */
  private slots = new Float64Array(1 << 12);
  private size = 0;

  /** @returns false if the set contains the number already */
  add(value: number): boolean {
    if (this.size * 2 >= this.slots.length) this.grow();
    const slot = this.findSlot(value + 1);
    if (this.slots[slot] !== 0) return false;
    this.slots[slot] = value + 1;
    this.size += 1;
    return true;
  }

  private findSlot(stored: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(stored) & mask;
    while (this.slots[slot] !== 0 && this.slots[slot] !== stored) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Float64Array(before.length * 2);
    for (const stored of before) if (stored !== 0) this.slots[this.findSlot(stored)] = stored;
  }
}

/** Spreads numbers that differ in some bits only: without it, ids that a program counts up would fall on a few slots. */
function hash(value: number): number {
  const mixed = Math.imul(value ^ (value / 2 ** 32), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
