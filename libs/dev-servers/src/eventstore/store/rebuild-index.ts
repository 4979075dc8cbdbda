import { TOMBSTONE_REVISION, type RecordVisitor } from '../log/records.js';
import { eventIdFromBytes } from './event-id.js';
import { EventIndex } from './event-index.js';
import { RecentEvents } from './recent-events.js';
import { dataOf } from './recorded-event.js';
import { parseStreamMetadata } from './stream-metadata.js';

/** Fills an index from the records of a log. */
export function indexingVisitor(index: EventIndex): RecordVisitor {
  return {
    streamName: (name) => void index.addStream(name),
    typeName: (name) => void index.addType(name),
    event(header, position, wire) {
      const ordinal = index.addEvent(header, position, wire.length);
      if (header.revision !== TOMBSTONE_REVISION && index.isMetadataStream(header.stream)) {
        index.addMetadata(ordinal, parseStreamMetadata(dataOf(wire)), Infinity);
      }
    },
  };
}

export function recentEventsOf({ events }: EventIndex): RecentEvents {
  const recent = new RecentEvents();
  for (let ordinal = Math.max(0, events.length - RecentEvents.capacity); ordinal < events.length; ordinal++) {
    recent.add(eventIdFromBytes(events.id(ordinal)), ordinal);
  }
  return recent;
}
