/** Future actions in the order of their times. A heap, because there are as many entries as pending invitations. */
export class PriorityQueue {
  private readonly heap: QueueEntry[] = [];
  private added = 0;

  /** @param at milliseconds since 1970 */
  add(at: number, act: (at: number) => void): void {
    const { heap } = this;
    heap.push({ at, order: this.added++, act });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) break;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** Runs the earliest action; returns false when the queue is empty. */
  runNext(): boolean {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) {
      heap[0] = last;
      this.siftDown();
    }
    first.act(first.at);
    return true;
  }

  private siftDown(): void {
    const { heap } = this;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      let least = parent;
      for (const child of [left, right])
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      if (least === parent) return;
      this.swap(parent, least);
      parent = least;
    }
  }

  private swap(one: number, other: number): void {
    const { heap } = this;
    [heap[one], heap[other]] = [heap[other]!, heap[one]!];
  }
}

interface QueueEntry {
  readonly at: number;
  /** Orders two actions at the same time: the one added first runs first. */
  readonly order: number;
  readonly act: (at: number) => void;
}

const isBefore = (one: QueueEntry, other: QueueEntry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
