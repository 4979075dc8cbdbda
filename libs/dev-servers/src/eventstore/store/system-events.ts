import { randomUUID } from 'node:crypto';
import type { EventStore } from './event-store.js';

/** A new EventStoreDB has made its users before anyone else writes: $all never begins with the first event of yours. */
export async function writeSystemEvents(store: EventStore): Promise<void> {
  for (const name of ['admin', 'ops']) {
    if (store.index.stream(`$user-${name}`)) continue;
    await store.append(`$user-${name}`, 'no_stream', [
      jsonEvent('$UserCreated', { LoginName: name, FullName: name, Groups: [`$${name}s`], Disabled: false }),
    ]);
    await store.append('$users', 'any', [jsonEvent('$User', name)]);
  }
}

function jsonEvent(type: string, data: unknown) {
  const bytes = Buffer.from(JSON.stringify(data));
  return { id: randomUUID(), type, isJson: true, data: bytes, metadata: new Uint8Array() };
}
