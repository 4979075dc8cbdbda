import { decoded, type EventStoreDBClient } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import type { Pool } from '#libs/platform';
import {
  eventLog,
  rowsEffect,
  type Comparison,
  type Consent,
  type RowProjection,
  type Site,
} from '#libs/projection';

/** What the tool gives a rebuild, with what it told and was shown. */
export function siteOf<Row extends object>(
  world: { readonly pool: Pool; readonly client: EventStoreDBClient },
  projection: RowProjection<InvitationEvent, Row>,
  change: Partial<Site> = {},
) {
  const stages: string[] = [];
  const comparisons: Comparison[] = [];
  const site: Site = {
    pool: world.pool,
    log: eventLog(world.client),
    projection,
    effect: rowsEffect(projection, (recorded) => decoded(recorded).event),
    code: 'one',
    replica: `rebuild ${Math.random()}`,
    signal: new AbortController().signal,
    report: { stage: (text) => stages.push(text), passed: () => undefined },
    ...change,
  };
  const consent = (allowed: Partial<Consent> = {}): Consent => ({
    expectChanges: false,
    allowParked: false,
    showDifferences: (comparison) => void comparisons.push(comparison),
    ...allowed,
  });
  return { site, consent, stages, comparisons };
}
