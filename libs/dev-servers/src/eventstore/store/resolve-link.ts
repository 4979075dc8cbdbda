import type { EventStore } from './event-store.js';
import { StreamDeletedError } from './store-errors.js';
import { dataOf } from './recorded-event.js';

const LINK_TYPE = '$>';
/** A link's data: the revision and the stream of the event that it stands for. */
const TARGET = /^(\d+)@(.+)$/s;

export function isLink({ index }: EventStore, ordinal: number): boolean {
  return index.events.type(ordinal) === index.typeNumber(LINK_TYPE);
}

/** @returns the ordinal of the event that a link leads to, or undefined when it is not there, or not any more */
export function resolveLink(store: EventStore, link: Uint8Array): number | undefined {
  const target = TARGET.exec(Buffer.from(dataOf(link)).toString('utf8'));
  if (!target) return undefined;
  try {
    const range = store.readableRange(target[2]!);
    const revision = Number(target[1]);
    return range && revision >= range.first && revision < range.end
      ? range.stream.ordinals[revision]
      : undefined;
  } catch (error) {
    if (error instanceof StreamDeletedError) return undefined;
    throw error;
  }
}
