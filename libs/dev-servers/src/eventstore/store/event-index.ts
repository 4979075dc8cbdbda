import { TOMBSTONE_REVISION, type EventHeader } from '../log/records.js';
import { EventColumns } from './event-columns.js';
import { NO_METADATA, type StreamMetadata } from './stream-metadata.js';

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
  /** What a metadata stream says of its stream. */
  said: MetadataVersion | undefined;
}

/**
 * Where everything is. It holds all that is decided; what is durable, and so may be read, are the events below an
 * ordinal that only the store knows.
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
    const stream = { number, name, ordinals: [], tombstone: undefined, said: undefined };
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

  /** @param durable number of durable events */
  addMetadata(ordinal: number, metadata: StreamMetadata, durable: number): void {
    const stream = this.#streams[this.events.stream(ordinal)]!;
    const previous = stream.said;
    if (previous && previous.ordinal < durable) previous.previous = undefined;
    stream.said = { ordinal, metadata, previous };
  }

  /** The metadata of a stream as the first `known` events say. */
  metadataOf(name: string, known: number): StreamMetadata {
    let version = this.stream(metadataStreamOf(name))?.said;
    while (version && version.ordinal >= known) version = version.previous;
    return version?.metadata ?? NO_METADATA;
  }

  /** Whether a stream, or the one whose metadata it holds, has a tombstone among the first `known` events. */
  isTombstoned(name: string, known: number): boolean {
    const tombstone = this.stream(name)?.tombstone;
    if (tombstone !== undefined && tombstone < known) return true;
    return isMetadataStream(name) && this.isTombstoned(name.slice(2), known);
  }
}

export function isMetadataStream(name: string): boolean {
  return name.startsWith('$$');
}

export function metadataStreamOf(name: string): string {
  return `$$${name}`;
}
