import type { LoggedEvent } from '#libs/event-store';
import type { Producer } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { moveCheckpoint, readCheckpoint, type Sink } from '#libs/projection';
import { assertAllowed } from './allow-list.js';
import { publicEvent } from './public-event.js';

/** Publishes first and moves the checkpoint then: after a crash between the two, events go out again with the same ids. */
export function publisherSink(pool: Pool, producer: Producer): Sink<LoggedEvent> {
  const name = 'publisher';
  return {
    position: () => readCheckpoint(pool, name),
    async apply(events, from, to) {
      const messages = events.map(publicEvent).filter((message) => message !== undefined);
      for (const message of messages) assertAllowed(message);
      await producer.send(messages);
      await moveCheckpoint(pool, name, from, to);
    },
  };
}
