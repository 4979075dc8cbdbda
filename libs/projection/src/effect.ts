import type { RecordedEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import { applyRows } from './apply-rows.js';
import type { RowProjection } from './row-projection.js';
import { ofTheEvent } from './whose-failure.js';

/** What a projection makes of events: rows in the transaction of the checkpoint, or messages before it. */
export type Effect = RowsEffect | MessagesEffect;

export interface RowsEffect {
  readonly kind: 'rows';
  /** All of the events or, when it throws, none: its caller rolls back. */
  write(tx: Queryable, generation: number, events: readonly RecordedEvent[]): Promise<void>;
}

export interface MessagesEffect {
  readonly kind: 'messages';
  /**
   * Returns when all are confirmed. After a crash before the checkpoint has moved, the same messages go out again.
   * @throws EventFailed before anything is sent
   */
  send(events: readonly RecordedEvent[]): Promise<void>;
}

export function rowsEffect<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  decode: (recorded: RecordedEvent) => Event,
): RowsEffect {
  return {
    kind: 'rows',
    write: async (tx, generation, events) =>
      applyRows(
        tx,
        projection,
        generation,
        ofTheEvent(() => events.map(decode)),
      ),
  };
}

/**
 * @param messageAfter what an event leads to, if anything
 * @param send in order
 */
export function messagesEffect<Message>(
  messageAfter: (recorded: RecordedEvent) => Message | undefined,
  send: (messages: readonly Message[]) => Promise<void>,
): MessagesEffect {
  return {
    kind: 'messages',
    send: async (events) =>
      send(ofTheEvent(() => events.map(messageAfter).filter((message) => message !== undefined))),
  };
}
