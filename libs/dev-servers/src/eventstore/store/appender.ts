import { randomUUID } from 'node:crypto';
import type { ByteWriter } from '../log/byte-writer.js';
import { TOMBSTONE_REVISION, writeEvent, writeStreamName, writeTypeName } from '../log/log-format.js';
import { writeRecordedEvent } from '../protocol/recorded-event.js';
import type { StreamHead } from './check-append.js';
import { eventIdBytes, type RecentEventIds } from './event-ids.js';
import { type EventIndex, isMetadataStream, metadataStreamOf } from './event-index.js';
import {
  isSoftDeleted,
  metadataOfRecreatedStream,
  parseStreamMetadata,
  SOFT_DELETED_JSON,
} from './stream-metadata.js';

export interface ProposedEvent {
  /** Lower-case UUID. */
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const NO_BYTES = new Uint8Array();

/** Writes accepted events into a frame of the log and into the index, before they are durable. */
export class Appender {
  readonly #index: EventIndex;
  readonly #recentIds: RecentEventIds;
  readonly #durableCount: () => number;

  /** @param durableCount events below the ordinal that it returns are durable */
  constructor(index: EventIndex, recentIds: RecentEventIds, durableCount: () => number) {
    this.#index = index;
    this.#recentIds = recentIds;
    this.#durableCount = durableCount;
  }

  head(name: string): StreamHead {
    const index = this.#index;
    const stream = index.stream(name);
    return {
      lastRevision: (stream?.ordinals.length ?? 0) - 1,
      isTombstoned: index.isTombstoned(name, Infinity),
      isSoftDeleted: isSoftDeleted(index.metadataOf(name, Infinity)),
      hasMetadata: index.stream(metadataStreamOf(name)) !== undefined,
      hasEventAt: (revision, id) => {
        const ordinal = stream?.ordinals[revision];
        return ordinal !== undefined && index.events.id(ordinal).equals(eventIdBytes(id));
      },
      recentRevisionOf: (id) => {
        const ordinal = this.#recentIds.ordinalOf(id);
        return ordinal !== undefined && index.events.stream(ordinal) === stream?.number
          ? index.events.revision(ordinal)
          : undefined;
      },
    };
  }

  /** Appends to a stream. A soft-deleted stream is recreated: its deleted events stay hidden. */
  append(writer: ByteWriter, name: string, events: readonly ProposedEvent[]): void {
    const { lastRevision, isSoftDeleted } = this.head(name);
    const original = isMetadataStream(name) ? this.head(name.slice(2)) : undefined;
    for (const event of events) this.#write(writer, name, event);
    if (isSoftDeleted) this.#recreate(writer, name, lastRevision + 1);
    if (original?.isSoftDeleted) this.#recreate(writer, name.slice(2), original.lastRevision + 1);
  }

  softDelete(writer: ByteWriter, name: string): void {
    this.#writeMetadata(writer, name, SOFT_DELETED_JSON);
  }

  tombstone(writer: ByteWriter, name: string): void {
    const event = {
      id: randomUUID(),
      type: '$streamDeleted',
      isJson: false,
      data: NO_BYTES,
      metadata: NO_BYTES,
    };
    this.#write(writer, name, event, TOMBSTONE_REVISION);
  }

  #recreate(writer: ByteWriter, name: string, revision: number): void {
    this.#writeMetadata(
      writer,
      name,
      metadataOfRecreatedStream(this.#index.metadataOf(name, Infinity), revision),
    );
  }

  #writeMetadata(writer: ByteWriter, name: string, json: string): void {
    const data = Buffer.from(json);
    const event = { id: randomUUID(), type: '$metadata', isJson: true, data, metadata: NO_BYTES };
    this.#write(writer, metadataStreamOf(name), event);
  }

  #write(writer: ByteWriter, name: string, event: ProposedEvent, forcedRevision?: number): void {
    const index = this.#index;
    const stream = index.stream(name) ?? this.#addStream(writer, name);
    const revision = forcedRevision ?? stream.ordinals.length;
    const header = {
      stream: stream.number,
      type: index.typeNumber(event.type) ?? this.#addType(writer, event.type),
      revision,
      created: this.#now(),
      id: eventIdBytes(event.id),
    };
    const recorded = {
      ...event,
      stream: name,
      revision: revision === TOMBSTONE_REVISION ? undefined : revision,
      created: header.created,
    };
    const { position, bytes } = writeEvent(writer, header, (position) => {
      writeRecordedEvent(writer, recorded, position);
    });
    const ordinal = index.addEvent(header, position, bytes);
    this.#recentIds.add(event.id, ordinal);
    if (isMetadataStream(name)) {
      index.addMetadata(ordinal, parseStreamMetadata(event.data), this.#durableCount());
    }
  }

  #addStream(writer: ByteWriter, name: string) {
    writeStreamName(writer, name);
    return this.#index.addStream(name);
  }

  #addType(writer: ByteWriter, name: string): number {
    writeTypeName(writer, name);
    return this.#index.addType(name);
  }

  /** Never earlier than the event before, even if the clock is set back, because $maxAge is a binary search. */
  #now(): number {
    const { events } = this.#index;
    return events.length === 0 ? Date.now() : Math.max(Date.now(), events.created(events.length - 1));
  }
}
