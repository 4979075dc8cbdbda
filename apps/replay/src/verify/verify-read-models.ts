import { isDeepStrictEqual } from 'node:util';
import { accountStateProjection, type AccountEvent } from '#libs/account-state';
import { isAfter, SLICES, sliceOf, type LogPosition, type RawEvent } from '#libs/event-store/read-only';
import type { InvitationEvent } from '#libs/invitation';
import { generationTableName, type RowProjection } from '#libs/projection/read-only';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models/read-only';
import { InMemoryProjection } from '../log/in-memory-projection.js';
import type { LogProgress, LogReader } from '../log/log-reader.js';
import { DuplicateEventFinder, type DuplicateEvent } from './duplicate-events.js';
import type { ProjectionState, ReadModelSnapshot, Row } from './read-model-snapshot.js';

/** A read model with what it is folded from. */
export interface VerifiedReadModel<Event = unknown> {
  readonly projection: RowProjection<Event, object>;
  readonly toEvent: (raw: RawEvent, event: InvitationEvent) => Event;
}

const folding = <Row extends object>(projection: RowProjection<InvitationEvent, Row>) => ({
  projection,
  toEvent: (_raw: RawEvent, event: InvitationEvent) => event,
});

const accountState = {
  projection: accountStateProjection,
  toEvent: ({ accountId, revision, id }: RawEvent, event: InvitationEvent): AccountEvent => ({
    accountId,
    revision,
    id,
    event,
  }),
};

/** Every read model that is folded from the log. */
export const READ_MODELS = [
  folding(inboxProjection),
  folding(archiveProjection),
  folding(sentProjection),
  folding(connectionsProjection),
  folding(accountRestrictionProjection),
  folding(remindersProjection),
  accountState,
] as readonly unknown[] as readonly VerifiedReadModel[];

/** Every key begins with the account whose stream the row comes from. Member ids contain neither a dot nor a blank. */
const accountOfKey = (key: string): string => /^[^. ]*/.exec(key)![0];

/** The comparison of a live read model with the log. */
export interface VerificationResult {
  readonly projection: string;
  readonly generation: number;
  /** The latest checkpoint of all slices. Each slice was folded up to its own checkpoint. */
  readonly position: LogPosition | undefined;
  readonly parked: readonly string[];
  /** Accounts with an event that the workers have handled and this version cannot read. Their rows are not compared. */
  readonly unreadable: readonly string[];
  readonly diff: DiffSummary;
}

/** What was found in the read models, and in the log up to their latest checkpoint. */
export interface Verification {
  readonly readModels: readonly VerificationResult[];
  readonly duplicateEvents: readonly DuplicateEvent[];
}

/** A row of a live read model that differs from the log. */
export interface RowDifference {
  /** `missing`: only the log has it. `extra`: only the table has it. */
  readonly kind: 'missing' | 'extra' | 'different';
  readonly key: string;
  /** The columns that differ, if the kind is `different`. */
  readonly columns: readonly string[];
  readonly folded?: Row | undefined;
  readonly live?: Row | undefined;
}

/** The number of differences that are reported individually. */
export const MAX_SAMPLE = 20;

/** Counts the differences of a read model. */
export class DiffSummary {
  readonly sample: RowDifference[] = [];
  readonly counts = { missing: 0, extra: 0, different: 0 };
  /** The number of live rows that were compared. */
  rows = 0;

  add(difference: RowDifference): void {
    this.counts[difference.kind] += 1;
    if (this.sample.length < MAX_SAMPLE) this.sample.push(difference);
  }

  get isEmpty(): boolean {
    const { missing, extra, different } = this.counts;
    return missing + extra + different === 0;
  }
}

interface Comparison extends VerifiedReadModel {
  readonly state: ProjectionState;
  readonly diff: DiffSummary;
  readonly unreadable: Set<string>;
}

/** Rows that are held in memory. For a larger read model, the log is read several times, for a part of the slices each. */
const MAX_ROWS = 1_000_000;

/**
 * Folds the log and compares it with the live read models in one snapshot, each slice at its own checkpoint.
 * @param maxRows rows to hold in memory
 */
export async function verifyReadModels(
  log: LogReader,
  snapshot: ReadModelSnapshot,
  readModels: readonly VerifiedReadModel[],
  progress?: LogProgress,
  maxRows = MAX_ROWS,
): Promise<Verification> {
  const comparisons: Comparison[] = [];
  const finder = new DuplicateEventFinder();
  for (const readModel of readModels) {
    const state = await snapshot.readState(readModel.projection.name);
    if (state !== undefined)
      comparisons.push({ ...readModel, state, diff: new DiffSummary(), unreadable: new Set() });
  }
  const tables = comparisons.map(({ projection, state }) =>
    generationTableName(projection.table, state.generation),
  );
  const erased = await snapshot.readErased();
  const passes = Math.min(SLICES, Math.ceil((await snapshot.countRows(tables)) / maxRows) || 1);
  for (let pass = 0; pass < passes; pass += 1) {
    const isSelected = (slice: number) => slice % passes === pass;
    await compareSlices(log, snapshot, comparisons, erased, finder, isSelected, progress);
  }
  const results = comparisons.map(({ projection: { name }, state, diff, unreadable }) => ({
    projection: name,
    generation: state.generation,
    position: latest(state.slices),
    parked: [...state.parked.keys()],
    unreadable: [...unreadable],
    diff,
  }));
  const duplicateEvents = await finder.findDuplicates((accountId) => log.readAccount(accountId));
  return { readModels: results, duplicateEvents };
}

async function compareSlices(
  log: LogReader,
  snapshot: ReadModelSnapshot,
  comparisons: readonly Comparison[],
  erased: ReadonlySet<string>,
  finder: DuplicateEventFinder,
  isSelected: (slice: number) => boolean,
  progress: LogProgress | undefined,
): Promise<void> {
  const folds = comparisons.map((one) => ({ ...one, folded: new InMemoryProjection(one.projection) }));
  const to = latest(comparisons.map(({ state }) => latest(state.slices)));
  if (to !== undefined) {
    for await (const events of log.readBatches({ to }, progress)) {
      for (const raw of events) {
        if (!isSelected(raw.slice)) continue;
        finder.add(raw);
        const event = log.unreadable.decode(raw)?.event;
        for (const { state, folded, unreadable, toEvent } of folds) {
          if (!isHandled(state, raw)) continue;
          if (event === undefined) unreadable.add(raw.accountId);
          else folded.apply(toEvent(raw, event));
        }
      }
    }
  }
  for (const { projection, state, folded, diff, unreadable } of folds) {
    const [keyColumn] = Object.keys(projection.table.columns);
    for await (const row of snapshot.readRows(projection, state.generation)) {
      const key = String(row[keyColumn!]);
      const account = accountOfKey(key);
      if (!isSelected(Number.parseInt(sliceOf(account), 16)) || unreadable.has(account)) continue;
      diff.rows += 1;
      const difference = compareRow(
        key,
        withoutErased(projection, folded.rows.get(key), erased),
        row,
        log.texts.isAnyLeftEncrypted,
      );
      folded.rows.delete(key);
      if (difference !== undefined) diff.add(difference);
    }
    // Rows that are left have no counterpart in the table.
    for (const [key, whole] of folded.rows) {
      const row = withoutErased(projection, whole, erased);
      if (row === undefined || unreadable.has(accountOfKey(key))) continue;
      diff.add({ kind: 'missing', key, columns: [], folded: row });
    }
  }
}

/** @returns what the workers write of a row that the log has: nothing of members who were erased */
const withoutErased = (
  { erasure }: RowProjection<unknown, object>,
  row: object | undefined,
  erased: ReadonlySet<string>,
): Row | undefined =>
  (row && erasure ? erasure.without(row, (memberId) => erased.has(memberId)) : row) as Row | undefined;

/** Columns whose values are texts of members. */
const TEXT_COLUMNS: ReadonlySet<string> = new Set(['message', 'reply']);

/** @param skipsTexts leaves out texts that the fold does not have, because they were not decrypted */
function compareRow(
  key: string,
  folded: Row | undefined,
  live: Row,
  skipsTexts: boolean,
): RowDifference | undefined {
  if (folded === undefined) return { kind: 'extra', key, columns: [], live };
  const isSkipped = (name: string) => skipsTexts && TEXT_COLUMNS.has(name) && folded[name] === null;
  const columns = Object.keys(live).filter(
    (name) => !isSame(folded[name] ?? null, live[name]) && !isSkipped(name),
  );
  return columns.length === 0 ? undefined : { kind: 'different', key, columns, folded, live };
}

/** @param live an object if the column is JSON, which has no undefined properties */
const isSame = (folded: unknown, live: unknown): boolean =>
  folded === live ||
  (typeof live === 'object' && live !== null && isDeepStrictEqual(JSON.parse(JSON.stringify(folded)), live));

function isHandled({ slices, parked }: ProjectionState, { slice, accountId, position }: RawEvent): boolean {
  const checkpoint = slices[slice];
  if (checkpoint === undefined || isAfter(position, checkpoint)) return false;
  const parkedAt = parked.get(accountId);
  return parkedAt === undefined || position.commit < parkedAt.commit;
}

function latest(positions: readonly (LogPosition | undefined)[]): LogPosition | undefined {
  let last: LogPosition | undefined;
  for (const position of positions) {
    if (position !== undefined && isAfter(position, last)) last = position;
  }
  return last;
}
