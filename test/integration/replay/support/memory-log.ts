import { EventStoreUnavailableError, type LogPosition, type RawEvent } from '#libs/event-store/read-only';
import type { LogReader } from '../../../../apps/replay/src/log/log-reader.js';
import { createFilter, type Selection } from '../../../../apps/replay/src/log/selection.js';

/** A log in memory, of which a test may restore an earlier state. */
export class MemoryLog {
  events: RawEvent[] = [];
  /** Reading fails after this many events. */
  failsAfter = Infinity;

  asReader(): LogReader {
    return this as unknown as LogReader;
  }

  readAt(position: LogPosition) {
    const event = this.events.find((one) => one.position.commit === position.commit);
    return Promise.resolve(event && { id: event.id });
  }
  readEnd() {
    return Promise.resolve(this.events.at(-1)?.position);
  }
  async *readRanges(selection: Selection) {
    const isSelected = createFilter(selection) ?? (() => true);
    let read = 0;
    for (const event of this.events) {
      if (selection.after !== undefined && event.position.commit <= selection.after.commit) continue;
      if (read >= this.failsAfter) throw new EventStoreUnavailableError('away');
      read += 1;
      yield { events: [event].filter(isSelected), at: event.position };
    }
    await Promise.resolve();
  }
}
