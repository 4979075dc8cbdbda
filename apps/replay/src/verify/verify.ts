import { decoded, SLICES, sliceOf, type RecordedEvent } from '#libs/event-store/reading';
import type { InvitationEvent } from '#libs/invitation';
import { isAfter, tableOf, type Position, type RowProjection } from '#libs/projection/reading';
import type { Progress } from '../cli/progress.js';
import { Rows } from '../folding/rows.js';
import type { Log } from '../log/log.js';
import { differenceOf, Tally } from './compare.js';
import { accountOfKey } from './read-models.js';
import type { LiveState, Row, Snapshot } from './snapshot.js';

type Projection = RowProjection<InvitationEvent, object>;

/** A read model beside what the log comes to. */
export interface Verdict {
  readonly projection: string;
  readonly generation: number;
  /** The furthest of its slices' checkpoints; each slice was folded to its own. */
  readonly position: Position | undefined;
  readonly parked: readonly string[];
  readonly tally: Tally;
}

interface Subject {
  readonly projection: Projection;
  readonly state: LiveState;
  readonly tally: Tally;
}

/** Rows that are held at a time, so that any log can be verified: the log is read again for the next part of them. */
const HELD = 1_000_000;

/**
 * Folds the log and compares what it comes to with the live read models, each slice at its own checkpoint, all of them as
 * they were at one moment.
 * @param held rows to hold at a time
 */
export async function verify(
  log: Log,
  snapshot: Snapshot,
  projections: readonly Projection[],
  shown?: Progress,
  held = HELD,
): Promise<readonly Verdict[]> {
  const subjects: Subject[] = [];
  for (const projection of projections) {
    const state = await snapshot.stateOf(projection.name);
    if (state !== undefined) subjects.push({ projection, state, tally: new Tally() });
  }
  const tables = subjects.map(({ projection, state }) => tableOf(projection.table, state.generation));
  const parts = Math.min(SLICES, Math.ceil((await snapshot.rowsIn(tables)) / held) || 1);
  for (let part = 0; part < parts; part += 1) {
    await verifyPart(log, snapshot, subjects, (slice) => slice % parts === part, shown);
  }
  return subjects.map(({ projection: { name }, state, tally }) => ({
    projection: name,
    generation: state.generation,
    position: furthest(state.slices),
    parked: [...state.parked.keys()],
    tally,
  }));
}

async function verifyPart(
  log: Log,
  snapshot: Snapshot,
  subjects: readonly Subject[],
  isWanted: (slice: number) => boolean,
  shown: Progress | undefined,
): Promise<void> {
  const folds = subjects.map((subject) => ({ ...subject, folded: new Rows(subject.projection) }));
  const to = furthest(subjects.map(({ state }) => furthest(state.slices)));
  if (to !== undefined) {
    for await (const events of log.batches({ to }, shown)) {
      for (const recorded of events) {
        if (!isWanted(recorded.slice)) continue;
        const { event } = decoded(recorded);
        for (const { state, folded } of folds) if (isHandled(state, recorded)) folded.apply(event);
      }
    }
  }
  for (const { projection, state, folded, tally } of folds) {
    const [key] = Object.keys(projection.table.columns);
    for await (const row of snapshot.rows(projection, state.generation)) {
      const id = String(row[key!]);
      if (!isWanted(Number.parseInt(sliceOf(accountOfKey(id)), 16))) continue;
      tally.rows += 1;
      const difference = differenceOf(id, folded.rows.get(id) as Row | undefined, row);
      folded.rows.delete(id);
      if (difference !== undefined) tally.add(difference);
    }
    for (const [id, row] of folded.rows) {
      tally.add({ kind: 'missing', key: id, columns: [], folded: row as Row });
    }
  }
}

function isHandled({ slices, parked }: LiveState, { slice, accountId, position }: RecordedEvent): boolean {
  const until = slices[slice];
  if (until === undefined || isAfter(position, until)) return false;
  const stuck = parked.get(accountId);
  return stuck === undefined || position.commit < stuck.commit;
}

function furthest(positions: readonly (Position | undefined)[]): Position | undefined {
  let last: Position | undefined;
  for (const position of positions) {
    if (position !== undefined && isAfter(position, last)) last = position;
  }
  return last;
}
