import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';

/** The rows of a read model in memory, folded by the code that also folds them in production. */
export class InMemoryProjection<Row extends object, Event = InvitationEvent> {
  readonly rows = new Map<string, Row>();

  constructor(private readonly projection: RowProjection<Event, Row>) {}

  apply(event: Event): void {
    const { rows, projection } = this;
    for (const key of projection.keysOf(event)) {
      const before = rows.get(key);
      const after = projection.fold(before, event, key);
      if (after === before) continue;
      if (after === undefined) rows.delete(key);
      else rows.set(key, after);
    }
  }
}
