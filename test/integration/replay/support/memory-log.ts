import { EventStoreUnavailableError, type LogPosition, type RawEvent } from '#libs/event-store/read-only';
import type { LogReader } from '../../../../apps/replay/src/log/log-reader.js';
import { createFilter, type Selection } from '../../../../apps/replay/src/log/selection.js';

/** A log in memory, of which a test may restore an earlier state. */
export class MemoryLog {
  events: RawEvent[] = [];
  /** Events in each range that is read. */
  rangeSize = 1;
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
    const { after } = selection;
    const unread = this.events.filter(
      ({ position }) => after === undefined || position.commit > after.commit,
    );
    for (let read = 0; read < unread.length; read += this.rangeSize) {
      if (read >= this.failsAfter) throw new EventStoreUnavailableError('away');
      const range = unread.slice(read, read + this.rangeSize);
      yield { events: range.filter(isSelected), at: range.at(-1)!.position };
    }
    await Promise.resolve();
  }
}
