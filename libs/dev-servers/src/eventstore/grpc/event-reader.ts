import type { EventStore } from '../store/event-store.js';
import { isLink, resolveLink } from '../store/resolve-link.js';
import { encodeReadEvent, withStructuredId } from './read-responses.js';
import type { ReadRequest } from './read-request.js';

/** @returns what makes the answer with an event, as a read request wants it */
export function eventReader(
  store: EventStore,
  { resolvesLinks, structuredIds }: Pick<ReadRequest, 'resolvesLinks' | 'structuredIds'>,
): (ordinal: number) => Buffer {
  const read = store.reader();
  const form = structuredIds ? withStructuredId : (wire: Uint8Array) => wire;
  return (ordinal) => {
    const position = store.index.events.position(ordinal);
    if (!resolvesLinks || !isLink(store, ordinal)) {
      return encodeReadEvent({ event: form(read(ordinal)), link: undefined, position });
    }
    // Copied, for the next read reuses the bytes.
    const link = Uint8Array.from(read(ordinal));
    const target = resolveLink(store, link);
    const event = target === undefined ? undefined : form(read(target));
    return encodeReadEvent({ event, link: form(link), position });
  };
}
