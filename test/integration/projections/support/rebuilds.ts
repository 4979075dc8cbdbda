import { decodeEvent, type EventStoreDBClient, type RawEvent } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import {
  createEventLog,
  tableSink,
  type GenerationComparison,
  type RebuildOptions,
  type RowProjection,
  type RebuildContext,
} from '#libs/projection';

/** A rebuild's context like the tool's, which records the stages and comparisons that are reported. */
export function createRebuild<Event, Row extends object>(
  harness: { readonly pool: Pool; readonly client: EventStoreDBClient },
  projection: RowProjection<Event, Row>,
  change: Partial<RebuildContext> = {},
  decode = (raw: RawEvent) => decodeEvent(raw).event as Event,
) {
  const stages: string[] = [];
  const comparisons: GenerationComparison[] = [];
  const context: RebuildContext = {
    pool: harness.pool,
    log: createEventLog(() => harness.client),
    projection,
    sink: tableSink(projection, decode),
    codeVersion: 'one',
    replica: `rebuild ${Math.random()}`,
    signal: new AbortController().signal,
    reporter: { onStage: (text) => stages.push(text), onProgress: () => undefined },
    ...change,
  };
  const options = (allowed: Partial<RebuildOptions> = {}): RebuildOptions => ({
    expectChanges: false,
    allowParked: false,
    showDifferences: (comparison) => void comparisons.push(comparison),
    ...allowed,
  });
  return { context, options, stages, comparisons };
}
