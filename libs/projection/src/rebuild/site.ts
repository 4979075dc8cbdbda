import type { Pool } from '#libs/platform';
import type { RowsEffect } from '../effect.js';
import type { EventLog } from '../event-log.js';
import type { Position } from '../position.js';
import type { Table } from '../row-projection.js';

/** What a rebuild works with. */
export interface Site {
  readonly pool: Pool;
  readonly log: EventLog;
  readonly projection: { readonly name: string; readonly table: Table<object> };
  readonly effect: RowsEffect;
  /** Tells the code that folds from other code: a generation that was half built by another is begun anew. */
  readonly code: string;
  /** Another one with each start of the tool. */
  readonly replica: string;
  /** Breaks off, between two batches. */
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** What there is to tell while it lasts. */
export interface Report {
  stage(text: string): void;
  /** Events were applied, up to here. */
  passed(at: Position, until: Position, events: number): void;
}

/** Why it cannot be done, for an operator to read. */
export class Refused extends Error {}
