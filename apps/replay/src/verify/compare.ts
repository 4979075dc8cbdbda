import type { Row } from './snapshot.js';

/** A row that is not as the log has it. */
export interface Difference {
  /** Missing: the log has it, the table does not. Extra: the other way round. */
  readonly kind: 'missing' | 'extra' | 'different';
  readonly key: string;
  /** Of a different row, those that differ. */
  readonly columns: readonly string[];
  readonly folded?: Row | undefined;
  readonly live?: Row | undefined;
}

/** How a row of the table stands to what the log comes to; undefined where they agree. */
export function differenceOf(key: string, folded: Row | undefined, live: Row): Difference | undefined {
  if (folded === undefined) return { kind: 'extra', key, columns: [], live };
  const columns = Object.keys(live).filter((name) => (folded[name] ?? null) !== live[name]);
  return columns.length === 0 ? undefined : { kind: 'different', key, columns, folded, live };
}

const SHOWN = 20;

/** What of a read model has been compared so far. */
export class Tally {
  readonly sample: Difference[] = [];
  readonly counts = { missing: 0, extra: 0, different: 0 };
  rows = 0;

  add(difference: Difference): void {
    this.counts[difference.kind] += 1;
    if (this.sample.length < SHOWN) this.sample.push(difference);
  }

  get agrees(): boolean {
    const { missing, extra, different } = this.counts;
    return missing + extra + different === 0;
  }
}
