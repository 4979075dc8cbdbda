import { type EventHeader, type RecordVisitor, TOMBSTONE_REVISION } from '../log/log-format.js';
import { decodeEventData } from '../protocol/recorded-event.js';
import { EventColumns } from './event-columns.js';
import { eventIdFromBytes, RecentEventIds } from './event-ids.js';
import { NO_METADATA, parseStreamMetadata, type StreamMetadata } from './stream-metadata.js';

interface MetadataVersion {
  readonly ordinal: number;
  readonly metadata: StreamMetadata;
  /** Kept until this version is durable. */
  previous: MetadataVersion | undefined;
}

export interface IndexedStream {
  readonly number: number;
  readonly name: string;
  /** Ordinals of the stream's events by revision. */
  readonly ordinals: number[];
  tombstone: number | undefined;
  /** Of a metadata stream: its latest event. */
  metadata: MetadataVersion | undefined;
}

/**
 * Finds events by ordinal, stream and type. It holds all accepted events, durable or not; the store knows how many of them are
 * durable and may be read.
 */
export class EventIndex {
  readonly events = new EventColumns();
  readonly #streams: IndexedStream[] = [];
  readonly #streamsByName = new Map<string, IndexedStream>();
  readonly #types: string[] = [];
  readonly #typesByName = new Map<string, number>();

  stream(name: string): IndexedStream | undefined {
    return this.#streamsByName.get(name);
  }

  streamName(number: number): string {
    return this.#streams[number]!.name;
  }

  addStream(name: string): IndexedStream {
    const number = this.#streams.length;
    const stream = { number, name, ordinals: [], tombstone: undefined, metadata: undefined };
    this.#streams.push(stream);
    this.#streamsByName.set(name, stream);
    return stream;
  }

  typeNumber(name: string): number | undefined {
    return this.#typesByName.get(name);
  }

  typeName(number: number): string {
    return this.#types[number]!;
  }

  addType(name: string): number {
    this.#typesByName.set(name, this.#types.length);
    return this.#types.push(name) - 1;
  }

  /** @returns the event's ordinal */
  addEvent(header: EventHeader, position: number, bytes: number): number {
    const ordinal = this.events.push({ ...header, position, bytes });
    const stream = this.#streams[header.stream]!;
    if (header.revision === TOMBSTONE_REVISION) stream.tombstone = ordinal;
    else stream.ordinals.push(ordinal);
    return ordinal;
  }

  isMetadataStream(number: number): boolean {
    return isMetadataStream(this.#streams[number]!.name);
  }

  /** @param durableCount events below this ordinal are durable */
  addMetadata(ordinal: number, metadata: StreamMetadata, durableCount: number): void {
    const stream = this.#streams[this.events.stream(ordinal)]!;
    const previous = stream.metadata;
    if (previous && previous.ordinal < durableCount) previous.previous = undefined;
    stream.metadata = { ordinal, metadata, previous };
  }

  /** The metadata of a stream after the first `count` events of the log. */
  metadataOf(name: string, count: number): StreamMetadata {
    let version = this.stream(metadataStreamOf(name))?.metadata;
    while (version && version.ordinal >= count) version = version.previous;
    return version?.metadata ?? NO_METADATA;
  }

  /** Whether a stream, or the one whose metadata it holds, has a tombstone among the first `count` events of the log. */
  isTombstoned(name: string, count: number): boolean {
    const tombstone = this.stream(name)?.tombstone;
    if (tombstone !== undefined && tombstone < count) return true;
    return isMetadataStream(name) && this.isTombstoned(name.slice(2), count);
  }
}

export function isMetadataStream(name: string): boolean {
  return name.startsWith('$$');
}

export function metadataStreamOf(name: string): string {
  return `$$${name}`;
}

/** Fills an index from the records of a log. */
export function indexingVisitor(index: EventIndex): RecordVisitor {
  return {
    streamName: (name) => void index.addStream(name),
    typeName: (name) => void index.addType(name),
    event(header, position, wire) {
      const ordinal = index.addEvent(header, position, wire.length);
      if (header.revision !== TOMBSTONE_REVISION && index.isMetadataStream(header.stream)) {
        index.addMetadata(ordinal, parseStreamMetadata(decodeEventData(wire)), Infinity);
      }
    },
  };
}

export function recentEventIdsOf({ events }: EventIndex): RecentEventIds {
  const recent = new RecentEventIds();
  for (
    let ordinal = Math.max(0, events.length - RecentEventIds.capacity);
    ordinal < events.length;
    ordinal++
  ) {
    recent.add(eventIdFromBytes(events.id(ordinal)), ordinal);
  }
  return recent;
}
