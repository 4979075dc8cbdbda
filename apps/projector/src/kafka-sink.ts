import type { LoggedEvent } from '#libs/event-store';
import type { Outgoing, Producer } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { moveCheckpoint, readCheckpoint, type Sink } from '#libs/projection';

/**
 * Publishes what the events lead to, and moves the checkpoint then: after a crash between the two the same messages go
 * out again, with the same ids.
 */
export function kafkaSink(
  pool: Pool,
  producer: Producer,
  name: string,
  messageAfter: (event: LoggedEvent) => Outgoing | undefined,
): Sink<LoggedEvent> {
  return {
    position: () => readCheckpoint(pool, name),
    async apply(events, from, to) {
      await producer.send(events.map(messageAfter).filter((message) => message !== undefined));
      await moveCheckpoint(pool, name, from, to);
    },
  };
}
